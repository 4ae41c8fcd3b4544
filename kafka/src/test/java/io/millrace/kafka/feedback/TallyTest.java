// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Feedback;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final Instant NOW = Instant.parse("2026-11-20T20:45:30Z");

    private final Tally tally = new Tally(3, 2);

    @Test
    void theLastWordOfAnAnswerCounts() {
        say("a", "v1", "7");
        say("b", "v1", "1");
        say("a", "v1", "1");
        say("a", "v1", "7");

        assertThat(tally.of("v1")).isEqualTo(new LiveScore(1, 2));
    }

    @Test
    void versionsAreApartAndBounded() {
        say("a", "v1", "7");
        say("b", "v2", "1");
        say("c", "v3", "7");

        assertThat(tally.of("v1")).isEqualTo(LiveScore.NONE);
        assertThat(tally.of("v2")).isEqualTo(new LiveScore(0, 1));
        assertThat(tally.of("v3")).isEqualTo(new LiveScore(1, 1));
    }

    @Test
    void versionsOfAModelComeLatestFirst() {
        say("a", "v1", "7");
        say("b", "v2", "1");

        assertThat(tally.ofModel("mnist"))
                .containsExactly(
                        new Tally.Scored("mnist", "v2", new LiveScore(0, 1)),
                        new Tally.Scored("mnist", "v1", new LiveScore(1, 1)));
        assertThat(tally.ofModel("other")).isEmpty();
    }

    @Test
    void whatIsForgottenStaysCounted() {
        for (String id : new String[] {"a", "b", "c", "d"}) {
            say(id, "v1", "7");
        }

        say("a", "v1", "1");

        assertThat(tally.of("v1")).isEqualTo(new LiveScore(4, 5));
    }

    @Test
    void aTopicThatIsMadeAnewBeginsAnew() {
        say("a", "v1", "7");

        tally.cleared();

        assertThat(tally.of("v1")).isEqualTo(LiveScore.NONE);
    }

    /** Of an answer "7". */
    private void say(String id, String version, String label) {
        tally.event("mnist", new Feedback(id, "mnist", version, "7", label, NOW, NOW), 0);
    }
}
