// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import java.util.Optional;

/**
 * What one partition contributes to a step.
 *
 * @param id the batch's place in the run
 * @param images its content; empty when the record could not be read and went to the dead letters, so that the step goes
 *     without it
 * @param offset of its record
 */
public record ShardBatch(BatchId id, Optional<ImageBatch> images, long offset) {}
