// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two trainers of one broker, as workers of one pool. */
class PoolIT {
    private static final int STEPS = 40;

    @TempDir
    private Path store;

    private TestBroker broker;
    private Log log;
    private ServiceProcess first;
    private ServiceProcess second;

    @BeforeEach
    void start() {
        broker = TestBroker.start();
        log = new Log(broker.bootstrapServers());
        first = worker("first");
        second = worker("second");
        await().ignoreException(UncheckedIOException.class)
                .until(() -> first.json("/workers").path("workers").size() == 2
                        && second.json("/workers").path("workers").size() == 2);
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        log.close();
        broker.close();
    }

    private ServiceProcess worker(String name) {
        return TrainerProcess.start(broker.bootstrapServers(), store, Map.of("millrace.trainer.pool.worker", name));
    }

    /** A run with a checkpoint every few steps, of which some batches are there. */
    private RunSpec order(String id, int priority, long batches) {
        RunSpec run = Fixtures.withPriority(Fixtures.withCheckpointEvery(run(id, 1, STEPS, 1), 5), priority);
        log.ask(run);
        log.batches(run, 0, batches);
        return run;
    }

    /** Who holds a run, as the workers say it; empty: nobody, or they do not agree. */
    private String holder(RunSpec run) {
        return holder(first.json("/workers"), run);
    }

    private static String holder(JsonNode pool, RunSpec run) {
        return StreamSupport.stream(pool.path("workers").spliterator(), false)
                .filter(worker -> worker.path("runId").asText().equals(run.runId()))
                .map(worker -> worker.path("worker").asText())
                .findFirst()
                .orElse("");
    }

    private static boolean isHeldBy(String name, ServiceProcess asked, RunSpec run) {
        return holder(asked.json("/workers"), run).equals(name);
    }

    private ServiceProcess process(String name) {
        return name.equals("first") ? first : second;
    }

    private void awaitStep(RunSpec run, long step) {
        await().pollInterval(Duration.ofMillis(100)).until(() -> log.status(run.runId())
                .filter(status -> status.step() >= step)
                .isPresent());
    }

    private void isTrainedToItsEnd(RunSpec run) {
        RunStatus status = log.awaitEnd(run.runId());
        assertThat(status.state()).as(first.log() + second.log()).isEqualTo(State.FINISHED);
        assertThat(status.samples()).isEqualTo((long) STEPS * Fixtures.BATCH);
        assertThat(log.checkpoints(run.runId()))
                .as("none lost, none of another history")
                .extracting(checkpoint -> checkpoint.position().step())
                .isSorted()
                .endsWith((long) STEPS);
    }

    @Test
    void trainsTwoRunsAtOnceAndTheRunsOfAWorkerThatIsKilledOrLeavesGoOnAtTheOther() {
        // Given two runs, each at a worker
        RunSpec one = order("one", 0, 12);
        RunSpec other = order("other", 0, 12);
        awaitStep(one, 12);
        awaitStep(other, 12);
        String holder = holder(one);
        assertThat(holder(other)).isNotEqualTo(holder).isNotEmpty();
        assertThat(process(holder).metric("millrace_trainer_replicas_held")).isEqualTo(1);
        assertThat(process(holder).metric("millrace_trainer_rebalances_total")).isPositive();

        // When a worker is killed
        ServiceProcess victim = process(holder(other));
        victim.kill();
        // Then the other one has a run, and says of the other that it waits
        ServiceProcess left = victim == first ? second : first;
        await().pollInterval(Duration.ofMillis(100)).until(() -> log.status("other")
                .filter(status -> status.waits() != null)
                .isPresent());
        assertThat(log.status("other").orElseThrow().waits())
                .isEqualTo("waits for a worker: the one that there is trains one");
        assertThat(left.json("/workers").path("waiting").path(0).path("runId").asText())
                .isEqualTo("other");

        // When that run comes before the one that is trained
        log.ask(Fixtures.withPriority(other, 1));
        // Then it takes the worker, with a checkpoint of the other
        await().pollInterval(Duration.ofMillis(100)).until(() -> log.status("one")
                .filter(status -> status.waits() != null)
                .isPresent());
        assertThat(log.checkpoints("one").stream()
                        .map(checkpoint -> checkpoint.position().step()))
                .endsWith(12L);
        log.batches(other, 12, STEPS);
        isTrainedToItsEnd(other);

        // When it has ended, the other one goes on, and a worker that leaves hands it over
        log.batches(one, 12, 20);
        awaitStep(one, 20);
        ServiceProcess third = worker("third");
        try (third) {
            await().ignoreException(UncheckedIOException.class)
                    .until(() -> third.json("/workers").path("workers").size() == 2);
            left.signal("TERM");
            await().until(() -> isHeldBy("third", third, one));
            log.batches(one, 20, STEPS);
            isTrainedToItsEnd(one);
        }
    }

    @Test
    void aWorkerThatWasPausedAndWakesWritesNothingOfWhatIsAnothersNow() throws Exception {
        // Given
        RunSpec run = order("contested", 0, 12);
        awaitStep(run, 12);
        await().until(() -> log.checkpoints(run.runId()).size() == 2);
        ServiceProcess paused = process(holder(run));
        ServiceProcess other = paused == first ? second : first;

        // When its worker stands still
        paused.signal("STOP");
        try {
            String name = other == first ? "first" : "second";
            await().until(() -> isHeldBy(name, other, run));
            other.awaitLog("Run resumes. runId=contested");
            log.batches(run, 12, 20);
            TrainerProcess.awaitStep(other, run.runId(), 20);
        } finally {
            paused.signal("CONT");
        }

        // Then it leaves the run when it wakes, and the other one goes on undisturbed
        await().until(() -> paused.log().contains("stood still")
                || paused.log().contains("Another trainer has taken the run over"));
        await().until(() -> paused.json("/workers").path("workers").size() == 2);
        log.batches(run, 20, STEPS);
        isTrainedToItsEnd(run);
        assertThat(other.log()).doesNotContain("left alone").doesNotContain("Another trainer has taken");
        // One may give way to the next, so there may be fewer.
        assertThat(log.records(Topic.CHECKPOINTS, 0)).hasSizeLessThanOrEqualTo(STEPS / 5 + resumed(other));
    }

    /** Checkpoints that are announced once more, by who resumes from them. */
    private static int resumed(ServiceProcess trainer) {
        return trainer.log().contains("Run resumes.") ? 1 : 0;
    }
}
