// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.dataset.run.RunRefusedException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TurnTest {
    private final Turn turn = new Turn();

    private String other() {
        return turn.take("a preview", () -> "other");
    }

    @Test
    void whoComesMeanwhileIsSentAwayAndTheNextOneIsNot() {
        assertThat(turn.<String, RuntimeException>take("a preview", () -> {
                    assertThatThrownBy(this::other)
                            .isInstanceOf(RunRefusedException.class)
                            .hasMessage("a preview is being made for somebody else, one at a time");
                    return "one";
                }))
                .isEqualTo("one");

        assertThat(other()).isEqualTo("other");
    }

    @Test
    void aTurnEndsByAFailureToo() {
        assertThatThrownBy(() -> turn.take("a preview", () -> {
                    throw new IOException("no");
                }))
                .isInstanceOf(IOException.class);

        assertThat(other()).isEqualTo("other");
    }
}
