// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;

/** Objects that are what they should be, and are never written over then. */
record WholeObjects(ObjectStorage storage) {
    /** Whether what lies under a name is what should. */
    @FunctionalInterface
    interface Check {
        boolean accepts(ByteBuffer found) throws IOException;
    }

    /**
     * An object that is there already, and whole, stays as it is; a damaged one is mended. What is there although it was
     * not a moment ago is most likely our own: an attempt that seemed lost.
     */
    void put(String key, List<ByteBuffer> content, Check check) throws IOException {
        if (!isWholeAsFarAsCanBeTold(key, check) && !storage.put(key, content) && !isWhole(key, check)) {
            storage.replace(key, content);
        }
    }

    private boolean isWholeAsFarAsCanBeTold(String key, Check check) {
        try {
            return isWhole(key, check);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isWhole(String key, Check check) throws IOException {
        try {
            return check.accepts(get(key));
        } catch (CorruptCheckpointException e) {
            return false;
        }
    }

    /** @throws CorruptCheckpointException when there is no such object */
    ByteBuffer get(String key) throws IOException {
        try {
            return storage.get(key);
        } catch (NoSuchFileException e) {
            throw new CorruptCheckpointException(key, "a file", "none");
        }
    }
}
