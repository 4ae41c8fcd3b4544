// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.safetensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A channel that digests what is written to it. */
final class Sha256 implements WritableByteChannel {
    private final MessageDigest digest;

    Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Of a buffer's remaining bytes; its position stays. */
    static String of(ByteBuffer bytes) {
        Sha256 sha = new Sha256();
        sha.write(bytes.duplicate());
        return sha.hex();
    }

    /** Of the file that this would be. */
    static String of(Safetensors content) {
        try (Sha256 sha = new Sha256()) {
            content.writeTo(sha);
            return sha.hex();
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is written, so nothing can fail", e);
        }
    }

    @Override
    public int write(ByteBuffer bytes) {
        int length = bytes.remaining();
        digest.update(bytes);
        return length;
    }

    /** The result, hex; to be asked for once. */
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
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
