// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.EventLog.Entry;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.consume.OtherRuns.Standing;
import io.millrace.trainer.training.RunQueue.Item;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class RunQueueTest {
    private static final Duration SOON = Duration.ofMillis(1);

    private final List<Entry<RunSpec>> log = new ArrayList<>();
    private final RunQueue queue = new RunQueue(() -> log);

    private static RunStatus status(String runId, State state) {
        return new RunStatus(runId, state, null, 0, 6, 0, 2, 0, 0, 0, 0, 0, null, null, Instant.now());
    }

    private String nextRun() throws InterruptedException {
        return queue.next(SOON).map(Item::runId).orElse("none");
    }

    @Test
    void givesRunsInTheOrderOfTheirLogWhateverOrderTheyAreHeardOfIn() throws Exception {
        queue.asked("b", 2, run("b", 1, 1, 1));
        queue.asked("a", 1, run("a", 1, 1, 1));

        assertThat(nextRun()).isEqualTo("a");
        queue.status(status("a", State.FINISHED));
        assertThat(nextRun()).isEqualTo("b");
        queue.status(status("b", State.FAILED));
        assertThat(nextRun()).isEqualTo("none");
    }

    @Test
    void goesOnWithARunThatWasRunning() throws Exception {
        queue.status(status("a", State.RUNNING));
        queue.asked("a", 1, run("a", 1, 1, 1));

        assertThat(nextRun()).isEqualTo("a");
    }

    @Test
    void hearsOfTheSameRunTwiceWithoutAChange() throws Exception {
        queue.asked("a", 1, run("a", 1, 1, 1));
        queue.deleted("a", 2);
        queue.asked("a", 1, run("a", 1, 1, 1));

        assertThat(queue.next(SOON).orElseThrow().refusal()).contains("stopped by DELETE /runs/a");
    }

    @Test
    void refusesWhatIsMalformed() throws Exception {
        queue.malformed("x", 1, "malformed RunSpec: no JSON");

        Item item = queue.next(SOON).orElseThrow();
        assertThat(item.spec()).isEmpty();
        assertThat(item.refusal()).contains("malformed RunSpec: no JSON");
    }

    @Test
    void refusesARunThatDoesNotFitItself() throws Exception {
        Network wrong = new Network("resnet18", Network.Stem.CIFAR, 3, 4);
        queue.asked("a", 1, Fixtures.withNetwork(run("a", 1, 1, 1), wrong));

        assertThat(queue.next(SOON).orElseThrow().refusal())
                .contains("malformed RunSpec: network.inputChannels is 3, dataset.channels 1");
    }

    @Test
    void refusesBatchesOfOneImage() throws Exception {
        queue.asked("a", 1, Fixtures.withBatchSize(run("a", 1, 1, 2), 1));

        assertThat(queue.next(SOON).orElseThrow().refusal())
                .contains("malformed RunSpec: recipe.batchSize should be at least 2, it is 1");
    }

    @Test
    void refusesARunIdThatCouldLeadOutOfTheStore() throws Exception {
        queue.asked("../x", 1, run("../x", 1, 1, 1));

        assertThat(queue.next(SOON).orElseThrow().refusal().orElseThrow()).contains("runId \"../x\"");
    }

    @Test
    void knowsHowOtherRunsStandToTheCurrentOne() throws Exception {
        queue.asked("a", 1, run("a", 1, 1, 1));
        queue.asked("b", 2, run("b", 1, 1, 1));
        queue.asked("c", 3, run("c", 1, 1, 1));
        queue.status(status("a", State.FINISHED));
        queue.status(status("forgotten", State.FINISHED));
        nextRun();

        assertThat(queue.of("a")).isEqualTo(Standing.PAST);
        assertThat(queue.of("c")).isEqualTo(Standing.LATER);
        assertThat(queue.of("forgotten")).isEqualTo(Standing.PAST);
        assertThat(queue.of("x")).isEqualTo(Standing.UNKNOWN);
    }

    @Test
    void readsTheLogAgainBeforeItCallsARunUnknown() throws Exception {
        queue.asked("a", 1, run("a", 1, 1, 1));
        nextRun();
        log.add(new Entry<>("b", run("b", 1, 1, 1), 2));

        assertThat(queue.of("b")).isEqualTo(Standing.LATER);
    }

    @Test
    void readsTheLogAgainAfterItCouldNotBeRead() {
        AtomicInteger attempts = new AtomicInteger();
        RunQueue failsOnce = new RunQueue(() -> {
            if (attempts.incrementAndGet() == 1) {
                throw new KafkaException("no broker");
            }
            return List.of(new Entry<>("b", run("b", 1, 1, 1), 2));
        });

        assertThatThrownBy(() -> failsOnce.of("b")).isInstanceOf(KafkaException.class);
        assertThat(failsOnce.of("b")).isEqualTo(Standing.LATER);
    }

    @Test
    void learnsOfADeletionThatTheChannelHasNotBroughtYet() {
        queue.asked("a", 1, run("a", 1, 1, 1));
        log.add(new Entry<>("a", null, 2));

        assertThat(queue.refusal("a")).isEmpty();
        assertThat(queue.refusalNow("a")).contains("stopped by DELETE /runs/a");
    }
}
