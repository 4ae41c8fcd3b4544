// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.model.checkpoint.CheckpointStore.Space;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Named objects in folders of one level, {@code <folder>/<name>}: what a checkpoint store asks of what it lies in. Keys that
 * lead out of it are an {@link IllegalArgumentException}. Thread-safe.
 */
public interface ObjectStorage {
    /** An object's name in its folder, its bytes, and when it was written, by the clock of the storage. */
    record Listed(String name, long size, Instant written) {}

    /** Makes the storage where it is not there yet, and tries whether it can be written. */
    void requireWritable() throws IOException;

    /** How much room there is; empty where there is no end to it. */
    Optional<Space> space() throws IOException;

    /** The whole objects of a folder; none where there is no such folder. */
    List<Listed> list(String folder) throws IOException;

    /** @throws java.nio.file.NoSuchFileException when there is no such object */
    ByteBuffer get(String key) throws IOException;

    /**
     * Writes an object whole and durably, or else not at all: a reader sees it from one moment to the next. For names under
     * which nothing was found before.
     *
     * @param content in pieces, each from its position to its limit; they stay as they are
     * @return false when the storage can tell that an object of that name has come meanwhile; that one stays
     */
    boolean put(String key, List<ByteBuffer> content) throws IOException;

    /** As {@link #put}, in place of a damaged object. */
    void replace(String key, List<ByteBuffer> content) throws IOException;

    /** One that is not there is no error. */
    void delete(String key) throws IOException;

    /** The names of all folders. */
    List<String> folders() throws IOException;

    /**
     * Removes what processes that were killed left half-written in a folder, and what others are writing there; and the
     * folder itself when nothing is left.
     *
     * @param before only what was written before then
     */
    void sweep(String folder, Instant before) throws IOException;
}
