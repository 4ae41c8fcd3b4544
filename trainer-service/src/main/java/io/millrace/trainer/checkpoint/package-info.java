// SPDX-License-Identifier: Apache-2.0
/** Checkpoints of a run: written behind the training thread's back, and found again after a crash. */
package io.millrace.trainer.checkpoint;
