// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.feedback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the name of an answer says: which class which version answered, and when. Base64 of it and of 16 bytes of its HMAC-SHA256.
 *
 * @param nonce tells answers apart
 */
record AnswerId(Instant at, long nonce, String model, String version, String predicted) {
    private static final String HMAC = "HmacSHA256";
    private static final int MAC_BYTES = 16;
    private static final int LONGEST = 4096;
    private static final int NUMBERS = 2 * Long.BYTES;
    /** No name has it. */
    private static final String BETWEEN = "\0";

    /** As text. */
    String encoded(byte[] key) {
        byte[] texts = String.join(BETWEEN, model, version, predicted).getBytes(UTF_8);
        byte[] content = ByteBuffer.allocate(NUMBERS + texts.length)
                .putLong(at.toEpochMilli())
                .putLong(nonce)
                .put(texts)
                .array();
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(content) + "." + base64.encodeToString(mac(content, key));
    }

    /** What a text says; empty where it was not made with this key. */
    static Optional<AnswerId> decoded(String text, byte[] key) {
        int end = text.indexOf('.');
        if (end < 0 || text.length() > LONGEST) {
            return Optional.empty();
        }
        byte[] content;
        byte[] mac;
        try {
            content = Base64.getUrlDecoder().decode(text.substring(0, end));
            mac = Base64.getUrlDecoder().decode(text.substring(end + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (content.length < NUMBERS || !MessageDigest.isEqual(mac, mac(content, key))) {
            return Optional.empty();
        }
        ByteBuffer numbers = ByteBuffer.wrap(content);
        String[] texts = new String(content, NUMBERS, content.length - NUMBERS, UTF_8).split(BETWEEN, -1);
        if (texts.length != 3) {
            return Optional.empty();
        }
        AnswerId said =
                new AnswerId(Instant.ofEpochMilli(numbers.getLong()), numbers.getLong(), texts[0], texts[1], texts[2]);
        // Base64 has several spellings of the same bytes, and an answer one name.
        return Optional.of(said).filter(answer -> answer.encoded(key).equals(text));
    }

    private static byte[] mac(byte[] content, byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return Arrays.copyOf(mac.doFinal(content), MAC_BYTES);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + HMAC, e);
        }
    }
}
