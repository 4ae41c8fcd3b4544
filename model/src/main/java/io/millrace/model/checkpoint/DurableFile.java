// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.safetensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A file that is on disk under a temporary name until {@link #publish} gives it its own, at one stroke. Closing one that
 * was not published removes it.
 */
final class DurableFile implements AutoCloseable {
    private static final String TEMPORARY = ".tmp";
    /** No writer takes as long as this. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path target;
    private final Path temporary;
    private final String sha256;
    private final long size;

    private DurableFile(Path target, Path temporary, String sha256, long size) {
        this.target = target;
        this.temporary = temporary;
        this.sha256 = sha256;
        this.size = size;
    }

    static DurableFile write(Path target, Safetensors content) throws IOException {
        Path temporary = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID() + TEMPORARY);
        MessageDigest digest = sha256Digest();
        try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = content.writeTo(new DigestingChannel(file, digest));
            file.force(true);
            return new DurableFile(target, temporary, HexFormat.of().formatHex(digest.digest()), size);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    String sha256() {
        return sha256;
    }

    long size() {
        return size;
    }

    /** The name is durable once its folder is forced. */
    void publish() throws IOException {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(temporary);
    }

    /** Makes the names in a folder durable. */
    static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes what processes that were killed have left half-written. */
    static void removeAbandoned(Path folder) throws IOException {
        FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*" + TEMPORARY)) {
            for (Path file : files) {
                if (Files.exists(file) && Files.getLastModifiedTime(file).compareTo(limit) < 0) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    static String sha256(ByteBuffer bytes) {
        MessageDigest digest = sha256Digest();
        digest.update(bytes.duplicate());
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of the file that this would be. */
    static String sha256(Safetensors content) {
        MessageDigest digest = sha256Digest();
        try (WritableByteChannel nowhere = new DigestingChannel(new Nowhere(), digest)) {
            content.writeTo(nowhere);
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is written, so nothing can fail", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Passes bytes on and digests them on the way. */
    private record DigestingChannel(WritableByteChannel out, MessageDigest digest) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            ByteBuffer seen = source.duplicate();
            int written = out.write(source);
            digest.update(seen.limit(seen.position() + written));
            return written;
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /** Takes everything and keeps nothing. */
    private record Nowhere() implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            source.position(source.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
