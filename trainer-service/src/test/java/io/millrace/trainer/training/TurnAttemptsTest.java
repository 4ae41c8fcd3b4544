// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.RunSpec;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.Patience;
import io.millrace.trainer.publish.LeftAloneException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TurnAttemptsTest {
    private static final RunSpec RUN = Fixtures.run("dies", 1, 8, 3);
    private static final String REASON = "training of replica 1 died 5 times in a row at step 4: java.lang.Error: 5";

    @TempDir
    private Path folder;

    private CheckpointStore store;

    @BeforeEach
    void store() {
        store = new DirectoryCheckpointStore(folder);
    }

    private TurnAttempts worker(boolean leads) {
        return new TurnAttempts(RUN, store, new Patience(Duration.ofMillis(1), Duration.ofMillis(1)), leads);
    }

    /** So many lives, whose end is in the turn of replica 1. */
    private void die(int times) throws Exception {
        for (int life = 1; life <= times; life++) {
            try (TurnAttempts attempts = worker(false)) {
                attempts.begin(1, 4);
                attempts.died(new Error(Integer.toString(life)));
            }
        }
    }

    @Test
    void aReplicaThatWhoeverTakesItDiesOfIsLeftByTheOthersAndEndsTheRunAtTheOneThatLeads() throws Exception {
        die(5);

        assertThatThrownBy(() -> worker(false).begin(1, 4))
                .isInstanceOfSatisfying(LeftAloneException.class, alone -> assertThat(alone.isUnable())
                        .isTrue())
                .hasMessage(REASON);
        assertThatThrownBy(() -> worker(true).begin(1, 4))
                .isInstanceOfSatisfying(RunFailedException.class, failed -> assertThat(failed.outcome())
                        .isEqualTo(Outcome.FAILED))
                .hasMessageStartingWith("training of replica 1 died 5 times in a row at step 4");
    }

    @Test
    void aRoundThatEndsOrAReplicaThatIsLeftInGoodOrderTakesItBack() throws Exception {
        die(4);
        try (TurnAttempts attempts = worker(false)) {
            attempts.begin(1, 4);
            attempts.reached();
            attempts.died(new Error("in a later round"));
        }
        assertThat(store.noteAttempt(RUN.incarnation(), 1, 4).inARow()).isEqualTo(1);

        try (TurnAttempts attempts = worker(false)) {
            attempts.begin(1, 4);
            attempts.begin(2, 4);
            attempts.retain(Set.of(2));
            attempts.died(new Error("of replica 2"));
        }
        assertThat(store.noteAttempt(RUN.incarnation(), 1, 4).inARow()).isEqualTo(1);
        assertThat(store.noteAttempt(RUN.incarnation(), 2, 4).reason()).contains("java.lang.Error: of replica 2");
    }

    @Test
    void theFirstReplicaIsTheRuns() throws Exception {
        try (TurnAttempts attempts = worker(true)) {
            attempts.begin(0, 4);
            attempts.died(new Error("noted elsewhere"));
        }
        assertThat(store.noteAttempt(RUN.incarnation(), 4).inARow()).isEqualTo(1);
    }
}
