// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.PoolWorker;
import io.millrace.local.watch.Problem;
import io.millrace.local.watch.Samples;
import io.millrace.local.watch.ServedVersion;
import io.millrace.local.watch.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private final Ticker clock = new Ticker();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final View view = new LiveView(
            new PrintStream(bytes, false, UTF_8), clock, new Paint(false, false), new Ports(8080), Part.ALL);

    /** What stands on the screen in the end. */
    private List<String> screen() {
        return Screen.of(bytes.toString(UTF_8));
    }

    @Test
    void eachProcessHasALineWithItsState() {
        view.show(new Event.PartChanged(Part.BROKER, Event.Health.READY, ""));
        view.show(new Event.PartChanged(Part.TRAINER, Event.Health.NOT_READY, "waiting for kafka"));
        view.show(new Event.PartChanged(Part.INFERENCE, Event.Health.STARTING, "pid 7"));
        clock.pass(Duration.ofSeconds(7));
        view.show(new Event.Tick());

        assertThat(screen())
                .containsExactly(
                        "",
                        "  * kafka              ready          127.0.0.1:8092",
                        "  * dataset-service    waiting        http://127.0.0.1:8081",
                        "  * trainer-service    up, not ready  http://127.0.0.1:8082  waiting for kafka",
                        "  * evaluator-service  waiting        http://127.0.0.1:8083",
                        "  * inference-service  starting       http://127.0.0.1:8080",
                        "",
                        "  ------------------------  waiting for the first step  0:07",
                        "  nothing evaluated yet, nothing served yet");
    }

    @Test
    void workersSayWhatTheyHaveOfWhichRun() {
        view.show(new Event.PartChanged(Part.TRAINER, Event.Health.READY, ""));
        view.show(new Event.Shared(List.of(
                new PoolWorker("trainer-service", "quick-1", List.of(0, 2)),
                new PoolWorker("trainer-service-2", "quick-1", List.of(1)))));

        assertThat(screen())
                .contains("  * trainer-service    ready          trains quick-1, replicas 0, 2")
                .noneMatch(line -> line.startsWith("workers"));
        assertThat(Lines.of(new Event.Shared(List.of(
                        new PoolWorker("trainer-service", "quick-1", List.of(1)),
                        new PoolWorker("trainer-service-2", null, null)))))
                .containsExactly(
                        "workers    trainer-service trains quick-1, replica 1; trainer-service-2 trains nothing");
    }

    @Test
    void progressAndResultsAreRedrawnInPlace() {
        view.show(new Event.Trained(Samples.training(1, "running")));
        view.show(new Event.Trained(Samples.training(2, "running")));
        view.show(new Event.Evaluated(Samples.standing("quick-1", 5, 0.9924, false)));
        view.show(new Event.Serving(new ServedVersion("strokes", "quick-1-0-step-5")));
        view.show(new Event.Trained(Samples.training(5, "finished")));

        assertThat(screen())
                .hasSize(10)
                .startsWith("evaluated  quick-1-0-step-5: accuracy 99.24 %, loss 0.0500")
                .endsWith(
                        "  ========================  step 5/5  epoch 1/1  812 images/s  loss 0.1235",
                        "  best 99.24 % at step 5, serving strokes quick-1-0-step-5");
    }

    @Test
    void anAverageThatIsBetterIsSaidToBeOne() {
        view.show(new Event.Evaluated(Samples.standing("quick-1", 5, 0.9924, false)));
        view.show(new Event.Evaluated(Samples.average("quick-1", 5, 0.9931, false)));

        assertThat(screen())
                .startsWith(
                        "evaluated  quick-1-0-step-5: accuracy 99.24 %, loss 0.0500",
                        "evaluated  quick-1-0-step-5-average: accuracy 99.31 %, loss 0.0500")
                .endsWith("  best 99.31 % at step 5 (average), nothing served yet");
    }

    @Test
    void aCrashPassesAboveThePictureAndStaysToBeRead() {
        view.show(new Event.PartChanged(Part.EVALUATOR, Event.Health.RESTARTING, "was ended by signal 9"));
        view.show(new Event.PartChanged(Part.EVALUATOR, Event.Health.STARTING, ""));
        view.show(new Event.PartChanged(Part.EVALUATOR, Event.Health.READY, ""));

        assertThat(screen()).startsWith("evaluator-service  crashed: was ended by signal 9");
        assertThat(screen()).contains("  * evaluator-service  ready          http://127.0.0.1:8083");
    }

    @Test
    void aLongReasonStandsBelowItsProcessAndTheRemedyBelowThat() {
        view.show(new Event.PartChanged(
                Part.TRAINER, Event.Health.NOT_READY, "Kafka refuses the password; check kafka.sasl.jaas.config"));

        assertThat(screen())
                .containsSequence(
                        "  * trainer-service    up, not ready  http://127.0.0.1:8082",
                        "      Kafka refuses the password",
                        "      check kafka.sasl.jaas.config");
    }

    @Test
    void aProblemStaysInThePictureUntilItIsSolved() {
        view.show(new Event.Hindered(Problem.STORE, List.of("checkpoints cannot be written", "the disk is full")));
        view.show(new Event.Tick());
        assertThat(screen())
                .startsWith("problem    checkpoints cannot be written", "           the disk is full")
                .contains("  checkpoints cannot be written", "  the disk is full");

        view.show(new Event.Solved(Problem.STORE));

        assertThat(screen())
                .contains("solved     checkpoints can be written again")
                .doesNotContain("  checkpoints cannot be written", "  the disk is full");
    }

    @Test
    void whenItIsClosedThePictureStaysAndLinesFollowIt() {
        view.show(new Event.Tick());
        view.close();
        view.show(new Event.Note("stopping"));
        view.show(new Event.Tick());

        assertThat(screen()).hasSize(10).endsWith("  nothing evaluated yet, nothing served yet", "stopping");
    }

    @Test
    void colourAndLettersAreThoseOfTheTerminal() {
        assertThat(Paint.of(Map.of("LANG", "C.UTF-8"))).isEqualTo(new Paint(true, true));
        assertThat(Paint.of(Map.of("LANG", "en_US.UTF-8", "LC_ALL", "C"))).isEqualTo(new Paint(true, false));
        assertThat(Paint.of(Map.of("NO_COLOR", "1"))).isEqualTo(new Paint(false, false));
        assertThat(new Paint(true, true).bar(0.5)).isEqualTo("\033[32m━━━━━━━━━━━━\033[0m\033[2m────────────\033[0m");
    }
}
