// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private final Backlog backlog = new Backlog(1000, 2);

    @Test
    void stepsAreBoundedByEpochs() {
        for (int offset = 0; offset < 5; offset++) {
            backlog.published(0, "run", offset, 1);
            backlog.published(1, "run", offset, 1);
        }

        assertThat(backlog.batches()).isEqualTo(10);
        assertThat(backlog.hasRoom(1, 1, 3)).isTrue();
        assertThat(backlog.hasRoom(2, 1, 3)).isFalse();
        assertThat(backlog.hasRoom(1, 1, 2)).isFalse();
    }

    @Test
    void bytesOfAllShardsAreBounded() {
        backlog.published(0, "run", 0, 400);
        backlog.published(1, "run", 0, 400);

        assertThat(backlog.hasRoom(1, 200, 100)).isTrue();
        assertThat(backlog.hasRoom(1, 201, 100)).isFalse();
    }

    @Test
    void aStepIsWelcomeWhenNothingWaitsHoweverLargeItIs() {
        assertThat(backlog.hasRoom(1, 5000, 100)).isTrue();
        assertThat(backlog.hasRoom(2, 5000, 100)).isFalse();
    }

    @Test
    void whatTrainersHaveProcessedMakesRoomAndTheSlowestShardDecides() {
        for (int offset = 0; offset < 6; offset += 2) {
            backlog.published(0, "run", offset, 150);
            backlog.published(1, "run", offset, 150);
        }

        backlog.processed(Map.of(0, 5L, 1, 1L), any -> true);

        assertThat(backlog.batches()).isEqualTo(2);
        assertThat(backlog.hasRoom(1, 1, 1)).isFalse();
        backlog.processed(Map.of(0, 5L, 1, 3L), any -> true);
        assertThat(backlog.hasRoom(1, 1, 1)).isTrue();
    }

    @Test
    void batchesOfARunThatIsNotWantedAnyMoreDoNotCount() {
        backlog.published(0, "deleted", 0, 900);
        backlog.published(0, "run", 1, 50);

        backlog.processed(Map.of(), "run"::equals);

        assertThat(backlog.batches()).isEqualTo(1);
        assertThat(backlog.hasRoom(1, 900, 100)).isTrue();
    }
}
