// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Wrote {@code src/test/resources/golden/store-v1} and, of {@code store-with-average-v1}, the average, once: what a
 * store looks like since this format is there. They stay as they are; whoever changes the format writes another one beside it, with {@code main}, and has the test read all.
 */
final class GoldenCheckpoint {
    private GoldenCheckpoint() {}

    public static void main(String[] arguments) throws IOException {
        CheckpointStore store = new DirectoryCheckpointStore(Path.of(arguments[0]));
        CheckpointRef raw =
                store.write(Given.metadata(Given.RUN, 9), Given.weights(9), Given.state(9), Given.batches(1, 9));
        Given.average(store, raw, 9);
        store.noteAttempt(Given.RUN, 9);
        store.noteDeath(Given.RUN, "java.lang.OutOfMemoryError");
    }
}
