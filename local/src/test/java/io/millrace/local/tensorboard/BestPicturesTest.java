// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.local.insight.EvaluatorStandIn;
import io.millrace.local.insight.RunRecord;
import io.millrace.local.insight.Scored;
import io.millrace.local.watch.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BestPicturesTest {
    @TempDir
    private Path folder;

    private final EvaluationCompleted evaluation = Scored.evaluation(5, 0.8);
    private final RunRecord record = Scored.record(evaluation);
    private final List<String> said = new ArrayList<>();
    private final BestPictures pictures = new BestPictures(said::add);
    private final String base = "/evaluations/" + evaluation.checkpoint().checkpointId();
    private EvaluatorStandIn evaluator;
    private RunEvents events;

    @BeforeEach
    void begin() throws IOException {
        evaluator = EvaluatorStandIn.of(evaluation.checkpoint().checkpointId());
        events = RunEvents.anew(folder, Samples.RUN, Instant.EPOCH);
    }

    @AfterEach
    void end() throws IOException {
        events.close();
        evaluator.close();
    }

    private int add() throws Exception {
        return pictures.add(record, events, evaluator.client());
    }

    @Test
    void eachPictureIsAskedForOnce() throws Exception {
        assertThat(add()).isEqualTo(2);
        assertThat(add()).isZero();

        assertThat(evaluator.asked(base + "/confusion.png")).isEqualTo(1);
        assertThat(evaluator.asked(base + "/misclassified")).isEqualTo(1);
        assertThat(said).isEmpty();
    }

    @Test
    void whatFailsIsAskedForTheNextTimeAndSaidOnce() throws Exception {
        // Given an evaluator that fails, and is asked for longer than it works on a picture
        evaluator.refuse(base + "/confusion.png", 500);
        evaluator.refuse(base + "/misclassified/0.png", 503);
        assertThat(add()).isZero();
        assertThat(add()).isZero();
        assertThat(said).hasSize(2).allMatch(line -> line.startsWith("quick-1  not all pictures: "));

        // When
        evaluator.mend(base + "/confusion.png");
        evaluator.mend(base + "/misclassified/0.png");

        // Then
        assertThat(add()).isEqualTo(2);
        assertThat(add()).isZero();
    }

    @Test
    void aLackOfFontsIsNotWaitedForAndTakesTheMatrixAlone() throws Exception {
        // Given
        evaluator.refuse(base + "/confusion.png", 501);

        // When
        int added = pictures.add(record, events, evaluator.client(Duration.ofMinutes(5)));

        // Then
        assertThat(added).isEqualTo(1);
        assertThat(add()).isZero();
        assertThat(evaluator.asked(base + "/confusion.png")).isEqualTo(1);
        assertThat(said).containsExactly("quick-1  not all pictures: the weights are gone");
    }
}
