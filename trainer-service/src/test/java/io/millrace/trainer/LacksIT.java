// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody deletes the batches under a run; the test is the dataset-service, which publishes them again. */
class LacksIT {
    @TempDir
    private static Path store;

    private static TestBroker broker;
    private static Log log;
    private static ServiceProcess trainer;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        log = new Log(broker.bootstrapServers());
        trainer = TrainerProcess.start(broker.bootstrapServers(), store, Map.of("millrace.trainer.prefetch.steps", "1"))
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        trainer.close();
        log.close();
        broker.close();
    }

    private static void finishes(RunSpec run) {
        RunStatus status = log.awaitEnd(run.runId());
        assertThat(status.state()).as(trainer.log()).isEqualTo(State.FINISHED);
        assertThat(status.samples()).isEqualTo(run.steps() * run.shards() * Fixtures.BATCH);
        assertThat(status.lacks()).isNull();
        assertThat(status.lostBatches()).isZero();
    }

    /** As the dataset-service answers: it empties the log and publishes again. */
    private static void publishAgain(RunSpec run, long from) throws Exception {
        log.deleteRecords(run, -1);
        log.batches(run, from, run.steps());
    }

    @Test
    void aStepInTheMiddleIsMissing() throws Exception {
        RunSpec run = run("middle", 1, 8, 2);
        log.ask(run);
        log.batches(run, 0, 3);
        log.batches(run, 4, 8);

        log.awaitLack(run, 3);
        assertThat(trainer.json("/run").path("lacks").asLong()).isEqualTo(3);
        assertThat(trainer.metric("millrace_trainer_log_lacks")).isEqualTo(1);
        assertThat(trainer.log()).contains("The run's log does not hold step 3");
        publishAgain(run, 3);

        finishes(run);
        assertThat(trainer.metric("millrace_trainer_log_lacks")).isZero();
    }

    @Test
    void theLastPartOfABatchIsMissing() throws Exception {
        RunSpec run = run("part", 1, 3, 1);
        log.ask(run);
        log.batches(run, 0, 2);
        log.batch(run, Fixtures.parts(run, Fixtures.id(run, 2, 0), 2, 2).get(0));

        log.awaitLack(run, 2);
        log.deleteRecords(run, -1);
        for (ImageBatch part : Fixtures.parts(run, Fixtures.id(run, 2, 0), 2, 2)) {
            log.batch(run, part);
        }

        finishes(run);
    }

    @Test
    void everythingIsDeletedBeforeTheRunBegins() throws Exception {
        RunSpec run = run("emptied", 1, 5, 1);
        log.makeLog(run);
        log.batches(run, 0, 5);
        log.deleteRecords(run, -1);
        log.ask(run);

        log.awaitLack(run, 0);
        log.batches(run, 0, 5);

        finishes(run);
    }

    @Test
    void theBeginningIsDeletedBeforeTheRunGetsThere() throws Exception {
        RunSpec run = run("beginning", 1, 5, 1);
        log.makeLog(run);
        log.batches(run, 0, 5);
        log.deleteRecords(run, 2);
        log.ask(run);

        log.awaitLack(run, 0);
        publishAgain(run, 0);

        finishes(run);
    }

    @Test
    void theTopicIsDeletedAndMadeAnew() throws Exception {
        RunSpec run = run("deleted", 1, 8, 1);
        log.ask(run);
        log.batches(run, 0, 5);
        awaitStep(trainer, run.runId(), 5);

        log.deleteLog(run);
        log.awaitLack(run, 5);
        log.makeLog(run);
        log.batches(run, 5, 8);

        finishes(run);
    }

    @Test
    void theTopicIsMadeAnewBehindItsBack() throws Exception {
        RunSpec run = run("anew", 1, 8, 1);
        log.ask(run);
        log.batches(run, 0, 5);
        awaitStep(trainer, run.runId(), 5);

        log.deleteLog(run);
        await().ignoreExceptions().until(() -> {
            log.makeLog(run);
            return log.end(run) == 0;
        });
        log.awaitLack(run, 5);
        log.batches(run, 4, 8);

        finishes(run);
    }

    @Test
    void whatIsOnlyLateIsNotMissing() throws Exception {
        RunSpec run = run("late", 1, 4, 2);
        log.ask(run);
        log.batches(run, 0, 2);
        log.batch(run, 2, 0);
        awaitStep(trainer, run.runId(), 2);
        await().during(Duration.ofSeconds(3))
                .until(() -> log.status(run.runId()).orElseThrow().lacks() == null);
        log.batch(run, 2, 1);
        log.batches(run, 3, 4);

        finishes(run);
    }
}
