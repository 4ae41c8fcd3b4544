// SPDX-License-Identifier: Apache-2.0
/**
 * Batches in order: reads the partitions of a run off the training thread, decides for each record whether it is next,
 * seen, bad or a gap, and hands over one {@link io.millrace.trainer.consume.StepInput} per step.
 */
package io.millrace.trainer.consume;
