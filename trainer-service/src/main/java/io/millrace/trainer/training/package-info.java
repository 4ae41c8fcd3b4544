// SPDX-License-Identifier: Apache-2.0
/** Runs, one at a time: whose turn it is, the loop over its steps, and what is told of it. */
package io.millrace.trainer.training;
