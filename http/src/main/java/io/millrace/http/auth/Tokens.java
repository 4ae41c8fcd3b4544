// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tokens that are known, read once at the start. Immutable. */
@Singleton
final class Tokens {
    /** Fewer characters than 128 bits need could be guessed, or were chosen by a person. */
    static final int SHORTEST = 22;

    private static final Pattern BETWEEN = Pattern.compile("[\\n;]");

    private final List<Token> tokens = new ArrayList<>();

    /** @throws ConfigurationException naming the setting, or the file and its line */
    Tokens(AuthConfig config) {
        config.tokens().ifPresent(text -> add(text, "entry %d of millrace.auth.tokens"));
        config.tokensFile().ifPresent(file -> add(content(file), "line %d of " + file));
        if (config.tokensFile().isPresent() && tokens.isEmpty()) {
            throw new ConfigurationException("millrace.auth.tokens-file="
                    + config.tokensFile().get() + " has no token; deploy/tokens makes some");
        }
    }

    private void add(String text, String place) {
        int number = 0;
        for (String line : BETWEEN.split(text)) {
            number++;
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            }
            try {
                Token token = Token.of(line, place.formatted(number));
                requireNew(token);
                tokens.add(token);
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(e.getMessage());
            }
        }
    }

    private void requireNew(Token token) {
        if (tokens.stream().anyMatch(known -> known.name().equals(token.name()))) {
            throw new IllegalArgumentException(
                    "two tokens are named " + token.name() + "; give one of them another name");
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ConfigurationException("millrace.auth.tokens-file=" + file + " cannot be read (" + e
                    + "); deploy/tokens makes one, and this user has to be able to read it");
        }
    }

    /** Whether nobody is asked for one. */
    boolean none() {
        return tokens.isEmpty();
    }

    /** Of all of them, whatever their order. */
    Stream<byte[]> digests() {
        return tokens.stream().map(Token::digest).sorted(Arrays::compareUnsigned);
    }

    /** Whose token that is. Takes as long whether there is one like it or not. */
    Optional<Token> find(String presented) {
        byte[] digest = sha256(presented);
        Token found = null;
        for (Token token : tokens) {
            if (MessageDigest.isEqual(token.digest(), digest)) {
                found = token;
            }
        }
        return presented.length() < SHORTEST ? Optional.empty() : Optional.ofNullable(found);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
