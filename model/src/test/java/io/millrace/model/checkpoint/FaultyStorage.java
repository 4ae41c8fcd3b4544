// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.model.checkpoint.CheckpointStore.Space;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A storage in which some things fail. */
final class FaultyStorage implements ObjectStorage {
    private final ObjectStorage storage;
    Predicate<String> unreadable = key -> false;
    Predicate<String> unwritable = key -> false;
    /** Of which it says, as some storages can, that an object has come meanwhile. */
    Predicate<String> taken = key -> false;
    /** What happens just before something is written. */
    Consumer<String> meanwhile = key -> {};

    final List<String> replaced = new ArrayList<>();
    boolean unlistable;

    FaultyStorage(ObjectStorage storage) {
        this.storage = storage;
    }

    private static void failIf(boolean fault, String what) throws IOException {
        if (fault) {
            throw new IOException(what + ": Input/output error");
        }
    }

    @Override
    public void requireWritable() throws IOException {
        storage.requireWritable();
    }

    @Override
    public Optional<Space> space() throws IOException {
        return storage.space();
    }

    @Override
    public List<Listed> list(String folder) throws IOException {
        failIf(unlistable, folder);
        return storage.list(folder);
    }

    @Override
    public ByteBuffer get(String key) throws IOException {
        failIf(unreadable.test(key), key);
        return storage.get(key);
    }

    @Override
    public boolean put(String key, List<ByteBuffer> content) throws IOException {
        failIf(unwritable.test(key), key);
        meanwhile.accept(key);
        return !taken.test(key) && storage.put(key, content);
    }

    @Override
    public void replace(String key, List<ByteBuffer> content) throws IOException {
        failIf(unwritable.test(key), key);
        replaced.add(key);
        storage.replace(key, content);
    }

    @Override
    public void delete(String key) throws IOException {
        storage.delete(key);
    }

    @Override
    public List<String> folders() throws IOException {
        return storage.folders();
    }

    @Override
    public void sweep(String folder, Instant before) throws IOException {
        storage.sweep(folder, before);
    }
}
