// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.batch.BatchId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest over the ids of all trained batches, in their order: {@code d(0) = 32 zero bytes},
 * {@code d(n) = SHA-256(d(n-1) || id(n))}. It travels in the checkpoints, so that the last one proves which batches were
 * trained, each how often and in which order. Not thread-safe.
 */
public final class BatchChain {
    private final MessageDigest sha256 = sha256();
    private byte[] digest;

    /** Goes on from a digest in hex. */
    public BatchChain(String digest) {
        this.digest = HexFormat.of().parseHex(digest);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** A batch was trained. */
    public void add(BatchId id) {
        sha256.update(digest);
        digest = sha256.digest(id.toString().getBytes(UTF_8));
    }

    /** The digest so far, hex. */
    public String digest() {
        return HexFormat.of().formatHex(digest);
    }
}
