// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The token that this command carries, in a file, so that it stands on no command line and in no log. The services know its
 * digest alone. Immutable.
 */
public final class AccessToken {
    /** Of a stack that asks for none. */
    public static final AccessToken NONE = new AccessToken(null, null);

    private static final int BYTES = 32;
    private static final String MINE_ALONE = "rw-------";
    private static final Pattern PLAUSIBLE = Pattern.compile("[A-Za-z0-9._~+/=-]{22,}");

    private final Path file;
    private final String token;

    private AccessToken(Path file, String token) {
        this.file = file;
        this.token = token;
    }

    /**
     * The one in a file.
     *
     * @throws Refusal when there is none in it
     */
    public static AccessToken read(Path file) {
        try {
            return of(file, Files.readString(file).strip());
        } catch (IOException e) {
            throw new Refusal(
                    "the token file " + file + " cannot be read (" + e
                            + "). ./millrace up --token-file FILE makes one; of other stacks, ask whoever runs them",
                    e);
        }
    }

    private static AccessToken of(Path file, String content) {
        if (!PLAUSIBLE.matcher(content).matches()) {
            throw new Refusal("the token file " + file + " holds no token: one line of at least 22 letters, digits and"
                    + " signs. Delete it, and ./millrace up --token-file " + file + " makes a good one");
        }
        return new AccessToken(file, content);
    }

    /**
     * The one in a file, which is made with a new one where there is none: 256 random bits, readable by this user alone.
     *
     * @throws Refusal when it cannot be written, or holds none
     */
    public static AccessToken readOrMake(Path file) {
        if (Files.exists(file)) {
            return read(file);
        }
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            // Nobody can look into it between its making and its content.
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(MINE_ALONE)));
            Files.writeString(file, HexFormat.of().formatHex(random) + "\n");
            return read(file);
        } catch (IOException e) {
            throw new Refusal("the token file " + file + " cannot be written (" + e + "). Name another one", e);
        }
    }

    /** The request with it. */
    public HttpRequest.Builder on(HttpRequest.Builder request) {
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    /** What curl has to be given beside; empty where nothing is asked for. The token stays in its file. */
    public String curl() {
        return token == null ? "" : "-H \"Authorization: Bearer $(cat " + file.toAbsolutePath() + ")\" ";
    }

    /** How services know it: a line of {@code millrace.auth.tokens-file}; empty where they are to ask for none. */
    public Optional<String> digestLine() {
        return Optional.ofNullable(token).map(known -> "command read,classify,operate " + sha256(known));
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Not the token. */
    @Override
    public String toString() {
        return token == null ? "no token" : "the token of " + file;
    }
}
