// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Digests, in hex. */
final class Sha256 {
    private Sha256() {}

    /** Of the bytes from a buffer's position to its limit; it stays as it is. */
    static String of(ByteBuffer bytes) {
        return of(List.of(bytes));
    }

    /** Of bytes in pieces; they stay as they are. */
    static String of(List<ByteBuffer> pieces) {
        MessageDigest digest = sha256();
        pieces.forEach(piece -> digest.update(piece.duplicate()));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
