// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.OffsetRange;
import java.util.Optional;

/**
 * What one partition contributes to a step.
 *
 * @param id the batch's place in the run
 * @param images its content; empty when it is lost, so that the step goes without it: a record of it could not be read,
 *     or is missing
 * @param records of it, from the first to where reading goes on
 */
public record ShardBatch(BatchId id, Optional<ImageBatch> images, OffsetRange records) {
    long bytes() {
        return images.map(batch -> (long) batch.images().remaining()).orElse(0L);
    }
}
