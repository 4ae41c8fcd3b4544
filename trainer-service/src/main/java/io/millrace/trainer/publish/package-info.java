// SPDX-License-Identifier: Apache-2.0
/** What is written to Kafka about a run: metric points, checkpoints and statuses, by one writer that can be fenced off. */
package io.millrace.trainer.publish;
