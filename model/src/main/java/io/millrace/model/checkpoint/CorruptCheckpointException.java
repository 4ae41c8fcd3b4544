// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.io.IOException;

/** A checkpoint that is not what it should be: missing, cut short, altered, or of an unknown form. */
public final class CorruptCheckpointException extends IOException {
    public CorruptCheckpointException(String file, String expected, String found) {
        super("checkpoint file " + file + ": expected " + expected + ", found " + found);
    }

    public CorruptCheckpointException(String file, String problem, Throwable cause) {
        super("checkpoint file " + file + ": " + problem, cause);
    }
}
