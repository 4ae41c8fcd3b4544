// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A key that all replicas of a service have, because they know the same tokens; who knows none of their digests does not. Without tokens it
 * is no secret, where everybody may do everything anyway. Thread-safe.
 */
@Singleton
public final class ReplicaKey {
    private final Tokens tokens;

    ReplicaKey(Tokens tokens) {
        this.tokens = tokens;
    }

    /** The key for one purpose, 32 bytes; another one when the tokens are others. */
    public byte[] of(String purpose) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        digest.update(purpose.getBytes(UTF_8));
        tokens.digests().forEach(digest::update);
        return digest.digest();
    }
}
