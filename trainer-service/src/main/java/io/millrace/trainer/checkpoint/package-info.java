// SPDX-License-Identifier: Apache-2.0
/** Checkpoints of a run: written and announced behind the training thread's back, found again after a crash. */
package io.millrace.trainer.checkpoint;
