// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.evaluation;
import static io.millrace.evaluator.Fixtures.evaluationOfAverage;
import static io.millrace.evaluator.Fixtures.promotion;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.model.checkpoint.StoredRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private final Leaderboard leaderboard = new Leaderboard();
    private final Promotions promotions = new Promotions();
    private final List<String> deleted = new ArrayList<>();
    private boolean storeFails;
    private String misplaced;
    private int refused;
    private final KnownRuns runs = new KnownRuns();

    @TempDir
    private Path directory;

    private Retention retention;

    @BeforeEach
    void make() {
        retention = new Retention(
                new RetentionRule(1, 1),
                10,
                runs,
                leaderboard,
                promotions,
                this::delete,
                StoredRuns.in(directory),
                leaderboard::remove);
    }

    private void delete(CheckpointRef checkpoint) throws IOException {
        if (storeFails) {
            throw new IOException("read-only file system");
        }
        if (checkpoint.checkpointId().equals(misplaced)) {
            refused++;
            throw new IllegalArgumentException("leads out of the checkpoint store");
        }
        deleted.add(checkpoint.checkpointId());
    }

    @Test
    void thePromotedOneAndItsPredecessorAreNeverDeleted() {
        // Given steps 1 to 6, the best is 6; promoted by hand: 2, before that 3
        for (int step = 1; step <= 6; step++) {
            leaderboard.add(evaluation("run-1", step, step / 10.0, 0.1));
        }
        EvaluationCompleted previous = evaluation("run-1", 3, 0.3, 0.1);
        promotions.apply(promotion(evaluation("run-1", 2, 0.2, 0.1), previous.checkpoint(), Cause.MANUAL, NOON));

        // When
        retention.tidy();

        // Then
        assertThat(deleted).containsExactly("run-1-step-1", "run-1-step-4", "run-1-step-5");
    }

    @Test
    void aPromotedAverageKeepsItsOwnFileOnly() {
        leaderboard.add(evaluation("run-1", 1, 0.1, 0.1));
        leaderboard.add(evaluationOfAverage("run-1", 1, 0.2, 0.1));
        leaderboard.add(evaluation("run-1", 2, 0.3, 0.1));
        promotions.apply(promotion(evaluationOfAverage("run-1", 1, 0.2, 0.1), null, Cause.MANUAL, NOON));

        retention.tidy();

        assertThat(deleted).containsExactly("run-1-step-1");
    }

    @Test
    void whatIsGoneIsNotDeletedAgain() {
        leaderboard.add(evaluation("run-1", 1, 0.1, 0.1));
        leaderboard.add(evaluation("run-1", 2, 0.2, 0.1));
        retention.tidy();
        retention.tidy();

        assertThat(deleted).containsExactly("run-1-step-1");
    }

    @Test
    void whatCanNeverBeDeletedIsLeftAloneAndHindersNoOther() {
        for (int step = 1; step <= 3; step++) {
            leaderboard.add(evaluation("run-1", step, step / 10.0, 0.1));
        }
        misplaced = "run-1-step-1";

        // When
        retention.tidy();
        retention.tidy();

        // Then
        assertThat(deleted).containsExactly("run-1-step-2");
        assertThat(refused).isOne();
    }

    @Test
    void whatIsDeletedOrAboutToBeIsTold() {
        for (int step = 1; step <= 3; step++) {
            leaderboard.add(evaluation("run-1", step, step / 10.0, 0.1));
        }
        EvaluationCompleted first = leaderboard.find("run-1-step-1").orElseThrow();
        promotions.apply(promotion(first, null, Cause.MANUAL, NOON));
        Set<CheckpointRef> second =
                Set.of(leaderboard.find("run-1-step-2").orElseThrow().checkpoint());

        assertThat(retention.superfluous()).isEqualTo(second);
        retention.tidy();
        assertThat(retention.superfluous()).isEqualTo(second);
        assertThat(deleted).containsExactly("run-1-step-2");
    }

    @Test
    void aStoreThatFailsIsTriedAgainTheNextTime() {
        leaderboard.add(evaluation("run-1", 1, 0.1, 0.1));
        leaderboard.add(evaluation("run-1", 2, 0.2, 0.1));
        storeFails = true;
        retention.tidy();
        assertThat(deleted).isEmpty();

        storeFails = false;
        retention.tidy();
        assertThat(deleted).containsExactly("run-1-step-1");
    }
}
