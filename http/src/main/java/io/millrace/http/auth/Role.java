// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a token is good for. None holds another one. */
public enum Role {
    /** To look: what runs, what is promoted, what is served. */
    READ,
    /** To ask what pictures show. */
    CLASSIFY,
    /** To change something: start and remove runs, promote, upload. */
    OPERATE;

    /** As settings and answers have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> of(String label) {
        return Arrays.stream(values())
                .filter(role -> role.label().equals(label))
                .findFirst();
    }
}
