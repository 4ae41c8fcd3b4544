// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.time.Duration;

/**
 * How batches are read.
 *
 * @param bootstrapServers {@code host:port,…}
 * @param groupId under which positions are committed, for the lag and for the data set's pacing only
 * @param prefetchSteps decoded steps that may wait
 * @param prefetchBytes bytes of images that may wait
 * @param commitEvery time between commits
 */
public record ReaderSettings(
        String bootstrapServers, String groupId, int prefetchSteps, long prefetchBytes, Duration commitEvery) {}
