// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseTest {
    private static final Duration SHORTEST = Duration.ofMillis(50);
    private final Pause pause = new Pause();

    @Test
    void growsToASecondWhileTheBacklogLasts() {
        for (int i = 0; i < 10; i++) {
            pause.saw(900, 898);
        }
        assertThat(pause.length()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void shrinksWhenTrainersDrainMuchOfItInOnePause() {
        for (int i = 0; i < 10; i++) {
            pause.saw(900, 900);
        }
        pause.saw(900, 700);
        assertThat(pause.length()).isEqualTo(Duration.ofMillis(500));
        for (int i = 0; i < 10; i++) {
            pause.saw(4, 0);
        }
        assertThat(pause.length()).isEqualTo(SHORTEST);
    }

    @Test
    void anEmptyBacklogDoesNotMakeItShorterThanItsLeast() {
        pause.saw(0, 0);
        assertThat(pause.length()).isGreaterThanOrEqualTo(SHORTEST);
    }
}
