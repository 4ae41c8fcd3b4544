// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A token as settings have it, without the token: {@code NAME ROLE,ROLE SHA256}. Its digest is a plain SHA-256. A slow hash
 * with a salt (bcrypt) is for passwords, which can be guessed; a token is 256 random bits, which cannot, and a slow hash at
 * every request would be a way to keep a service busy.
 *
 * @param name who holds it, for people
 * @param roles what it is good for
 * @param digest SHA-256 of its characters, 32 bytes
 */
record Token(String name, Set<Role> roles, byte[] digest) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-fA-F]{64}");

    /**
     * From a line.
     *
     * @param place of the line, for who wrote it
     * @throws IllegalArgumentException saying what is wrong, but nothing of what stands there: it might be the token itself
     */
    static Token of(String line, String place) {
        String[] parts = line.strip().split("\\s+");
        if (parts.length != 3) {
            throw refused(place, "it has " + parts.length + " parts; it must have three: NAME ROLE,ROLE SHA256");
        }
        if (!NAME.matcher(parts[0]).matches()) {
            throw refused(
                    place, "its first part is no name; it must be up to 64 letters, digits, '.', '_', '@' or '-'");
        }
        if (!DIGEST.matcher(parts[2]).matches()) {
            throw refused(
                    place,
                    "its third part is no SHA-256; it must be the 64 hex digits that `printf %s TOKEN | sha256sum` prints,"
                            + " never the token itself");
        }
        return new Token(parts[0], roles(parts[1], place), HexFormat.of().parseHex(parts[2]));
    }

    private static Set<Role> roles(String labels, String place) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String label : labels.split(",")) {
            roles.add(Role.of(label)
                    .orElseThrow(() -> refused(
                            place,
                            "its second part is no list of roles; they are "
                                    + Arrays.stream(Role.values())
                                            .map(Role::label)
                                            .collect(Collectors.joining(", ")))));
        }
        return roles;
    }

    private static IllegalArgumentException refused(String place, String why) {
        return new IllegalArgumentException(place + " will not do: " + why);
    }

    Set<String> labels() {
        return roles.stream().map(Role::label).collect(Collectors.toSet());
    }
}
