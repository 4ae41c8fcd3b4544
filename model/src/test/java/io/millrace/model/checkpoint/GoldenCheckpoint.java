// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Wrote {@code src/test/resources/golden/store-v1}, once: what a store looks like since this format is there. It stays as it
 * is; whoever changes the format writes another one beside it, with {@code main}, and has the test read both.
 */
final class GoldenCheckpoint {
    private GoldenCheckpoint() {}

    public static void main(String[] arguments) throws IOException {
        CheckpointStore store = new DirectoryCheckpointStore(Path.of(arguments[0]));
        store.write(Given.metadata(Given.RUN, 9), Given.weights(9), Given.state(9), Given.batches(1, 9));
        store.noteAttempt(Given.RUN, 9);
        store.noteDeath(Given.RUN, "java.lang.OutOfMemoryError");
    }
}
