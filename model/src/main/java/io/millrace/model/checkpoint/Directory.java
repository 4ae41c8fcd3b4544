// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.model.checkpoint.CheckpointStore.Space;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Objects as files of a directory. One is on disk under a temporary name until it gets its own at one stroke; file and name
 * are forced to the disk.
 */
final class Directory implements ObjectStorage {
    /** Makes the names in a folder durable. */
    @FunctionalInterface
    interface Force {
        void names(Path folder) throws IOException;
    }

    private static final String TEMPORARY = ".tmp";

    private final Path root;
    private final Force force;

    Directory(Path root) {
        this(root, folder -> {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        });
    }

    Directory(Path root, Force force) {
        this.root = root.toAbsolutePath().normalize();
        this.force = force;
    }

    @Override
    public void requireWritable() throws IOException {
        if (!Files.isDirectory(root)) {
            Files.createDirectories(root);
            force.names(root.getParent());
        }
        Files.delete(Files.createTempFile(root, ".probe-", TEMPORARY));
    }

    @Override
    public Optional<Space> space() throws IOException {
        FileStore store = Files.getFileStore(root);
        return Optional.of(new Space(store.getUsableSpace(), store.getTotalSpace()));
    }

    @Override
    public List<Listed> list(String folder) throws IOException {
        List<Listed> listed = new ArrayList<>();
        for (Path file : files(folder)) {
            String name = file.getFileName().toString();
            try {
                if (!name.endsWith(TEMPORARY)) {
                    listed.add(new Listed(
                            name,
                            Files.size(file),
                            Files.getLastModifiedTime(file).toInstant()));
                }
            } catch (IOException e) {
                // What another process deletes meanwhile is not there any more.
                if (Files.exists(file)) {
                    throw e;
                }
            }
        }
        return listed;
    }

    private List<Path> files(String folder) throws IOException {
        Path path = resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public ByteBuffer get(String key) throws IOException {
        Path file = resolve(key);
        if (Files.size(file) > Integer.MAX_VALUE) {
            throw new IOException(file + " has " + Files.size(file) + " bytes, more than any checkpoint");
        }
        return Safetensors.readFully(file);
    }

    /** Replaces what has come meanwhile: names have digests, so it is the same. */
    @Override
    public boolean put(String key, List<ByteBuffer> content) throws IOException {
        replace(key, content);
        return true;
    }

    @Override
    public void replace(String key, List<ByteBuffer> content) throws IOException {
        Path file = resolve(key);
        Path folder = file.getParent();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            force.names(root);
        }
        Path temporary = folder.resolve("." + file.getFileName() + "-" + UUID.randomUUID() + TEMPORARY);
        try {
            write(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        try {
            force.names(folder);
        } catch (IOException e) {
            // What is said not to be there must not be found.
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void write(Path file, List<ByteBuffer> content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (ByteBuffer piece : content) {
                ByteBuffer bytes = piece.duplicate();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            channel.force(true);
        }
    }

    @Override
    public void delete(String key) throws IOException {
        Files.deleteIfExists(resolve(key));
    }

    @Override
    public List<String> folders() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(root)) {
            return found.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void sweep(String folder, Instant before) throws IOException {
        for (Path file : files(folder)) {
            try {
                if (file.getFileName().toString().endsWith(TEMPORARY)
                        && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException e) {
                // It got its name meanwhile.
            }
        }
        try {
            Files.deleteIfExists(resolve(folder));
        } catch (DirectoryNotEmptyException e) {
            // As it should be.
        }
    }

    /** A file in the store, never one outside. */
    private Path resolve(String key) {
        Path file = root.resolve(key).normalize();
        if (!file.startsWith(root) || file.equals(root)) {
            throw new IllegalArgumentException("\"" + key + "\" leads out of the checkpoint store");
        }
        return file;
    }
}
