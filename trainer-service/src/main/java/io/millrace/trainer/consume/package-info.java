// SPDX-License-Identifier: Apache-2.0
/**
 * Batches in order: reads a run's own log off the training thread, puts parts together, decides for each record whether it
 * is next, seen, bad or ahead of something that is missing, and hands over one
 * {@link io.millrace.trainer.consume.StepInput} per step.
 */
package io.millrace.trainer.consume;
