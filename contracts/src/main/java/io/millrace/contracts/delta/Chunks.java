// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

import io.millrace.contracts.Topic;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The bytes of a delta in pieces that fit into records, and together again. Stateless. */
public final class Chunks {
    /** Header of each record: SHA-256 over the bytes of the whole delta, hex. */
    public static final String DIGEST = "millrace_digest";

    /** What a record has beside its value, at most. */
    private static final int HEADER_BYTES = 2_000;

    /** Largest value of a record. */
    public static final int MAX_BYTES = Topic.MAX_RECORD_BYTES - HEADER_BYTES;

    private Chunks() {}

    /** Equal ones, but for the last. */
    public static List<byte[]> of(byte[] delta) {
        List<byte[]> chunks = new ArrayList<>();
        for (int from = 0; from < delta.length || from == 0; from += MAX_BYTES) {
            chunks.add(Arrays.copyOfRange(delta, from, Math.min(delta.length, from + MAX_BYTES)));
        }
        return chunks;
    }

    /** One after the other. */
    public static ByteBuffer join(List<byte[]> chunks) {
        ByteBuffer all = ByteBuffer.allocate(
                chunks.stream().mapToInt(chunk -> chunk.length).sum());
        chunks.forEach(all::put);
        return all.flip();
    }

    /** SHA-256, hex. */
    public static String digest(ByteBuffer bytes) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(bytes.duplicate());
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
