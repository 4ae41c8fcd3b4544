// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests, in hex. */
final class Sha256 implements WritableByteChannel {
    private final MessageDigest digest;

    private Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Of the bytes from a buffer's position to its limit; it stays as it is. */
    static String of(ByteBuffer bytes) {
        Sha256 sha256 = new Sha256();
        sha256.write(bytes.duplicate());
        return sha256.hex();
    }

    /** Of an object that was not written yet. */
    static String of(ObjectStorage.Content content) {
        try (Sha256 sha256 = new Sha256()) {
            content.writeTo(sha256);
            return sha256.hex();
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is written, so nothing can fail", e);
        }
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public int write(ByteBuffer source) {
        int length = source.remaining();
        digest.update(source);
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
