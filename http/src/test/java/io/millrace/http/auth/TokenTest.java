// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenTest {
    private static final String DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @Test
    void isANameItsRolesAndADigest() {
        Token token = Token.of("  alice@example.org \t read,operate  " + DIGEST.toUpperCase() + " ", "line 1");

        assertThat(token.name()).isEqualTo("alice@example.org");
        assertThat(token.labels()).containsExactlyInAnyOrder("read", "operate");
        assertThat(token.digest()).hasSize(32).startsWith(0x9f, 0x86);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alice read                  | it has 2 parts
            alice read, operate secret  | it has 4 parts
            al:ice read secret          | its first part is no name
            alice read secret           | its third part is no SHA-256
            alice admin @               | its second part is no list of roles; they are read, classify, operate
            alice read,,operate @       | its second part is no list of roles
            alice Read @                | its second part is no list of roles
            """)
    void anythingElseIsRefusedByItsPlaceAndNeverShown(String line, String said) {
        assertThatThrownBy(() -> Token.of(line.replace("@", DIGEST), "line 7 of tokens"))
                .hasMessageStartingWith("line 7 of tokens will not do: ")
                .hasMessageContaining(said)
                .hasMessageNotContaining("secret");
    }
}
