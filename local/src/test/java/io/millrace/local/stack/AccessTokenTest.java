// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokenTest {
    @TempDir
    private Path directory;

    @Test
    void isMadeOnceForThisUserAloneAndKept() throws IOException {
        Path file = directory.resolve("new/token");

        AccessToken made = AccessToken.readOrMake(file);
        String content = Files.readString(file).strip();

        assertThat(content).matches("[0-9a-f]{64}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(AccessToken.readOrMake(file).digestLine()).isEqualTo(made.digestLine());
        assertThat(AccessToken.readOrMake(directory.resolve("other")).digestLine())
                .isNotEqualTo(made.digestLine());
    }

    @Test
    void goesIntoTheHeaderAndNowhereElse() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "abcdefghijklmnopqrstuvwxyz\n");
        AccessToken token = AccessToken.read(file);

        assertThat(token.on(HttpRequest.newBuilder(URI.create("http://localhost")))
                        .build()
                        .headers()
                        .map())
                .containsEntry("Authorization", List.of("Bearer abcdefghijklmnopqrstuvwxyz"));
        assertThat(token.digestLine())
                .contains(
                        "command read,classify,operate 71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73");
        assertThat(token + token.curl()).contains(file.toString()).doesNotContain("abcdefghijklmnopqrstuvwxyz");
    }

    @Test
    void withoutOneNothingIsSent() {
        assertThat(AccessToken.NONE
                        .on(HttpRequest.newBuilder(URI.create("http://localhost")))
                        .build()
                        .headers()
                        .map())
                .isEmpty();
        assertThat(AccessToken.NONE.digestLine()).isEmpty();
        assertThat(AccessToken.NONE.curl()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "too-short-for-a-token",
                "two words are no token at all",
                "abcdefghijklmnopqrstuvwxyz\nand-more"
            })
    void whatIsNoneIsRefusedWithoutBeingShown(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("token"), content);

        assertThatThrownBy(() -> AccessToken.readOrMake(file))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(file + " holds no token")
                .satisfies(e -> assertThat(content.isEmpty() || !e.getMessage().contains(content))
                        .isTrue());
    }

    @Test
    void whereThereIsNoneToReadTheRemedyIsSaid() {
        assertThatThrownBy(() -> AccessToken.read(directory.resolve("none")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("./millrace up --token-file FILE makes one");
    }
}
