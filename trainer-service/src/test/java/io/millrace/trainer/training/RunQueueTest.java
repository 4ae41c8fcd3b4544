// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.training.RunQueue.Item;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RunQueueTest {
    private static final Duration SOON = Duration.ofMillis(1);

    private final RunQueue queue = new RunQueue(Duration.ofHours(1));

    private static RunStatus status(String runId, State state, Instant at) {
        return new RunStatus(
                runId, state, null, 0, 6, 0, 2, 0, 0, 0, 0, 0, null, null, null, null, null, null, null, null, at);
    }

    private void ask(RunSpec run) {
        queue.runs().event(run.runId(), run, 0);
    }

    private void hear(String runId, State state) {
        queue.statuses().event(runId, status(runId, state, Instant.now()), 0);
    }

    private String nextRun() throws InterruptedException {
        return queue.next(SOON).map(Item::runId).orElse("none");
    }

    @Test
    void givesRunsByPriorityThenAge() throws Exception {
        RunSpec first = run("x", 1, 1, 1);
        ask(Fixtures.withCreatedAt(run("younger", 1, 1, 1), first.createdAt().plusSeconds(1)));
        ask(first);
        ask(Fixtures.withPriority(
                Fixtures.withCreatedAt(run("urgent", 1, 1, 1), first.createdAt().plusSeconds(2)), 1));

        for (String expected : new String[] {"urgent", "x", "younger"}) {
            assertThat(nextRun()).isEqualTo(expected);
            queue.told(status(expected, State.FINISHED, Instant.now().plusSeconds(10)));
        }
        assertThat(nextRun()).isEqualTo("none");
    }

    @Test
    void goesOnWithARunThatWasRunning() throws Exception {
        hear("a", State.RUNNING);
        ask(run("a", 1, 1, 1));

        assertThat(nextRun()).isEqualTo("a");
    }

    @Test
    void doesNotBeginARunAgainWhoseStatusesItHearsLate() throws Exception {
        RunSpec run = run("a", 1, 1, 1);
        ask(run);
        queue.told(status("a", State.FINISHED, Instant.now()));
        queue.statuses().event("a", status("a", State.RUNNING, run.createdAt()), 0);

        assertThat(nextRun()).isEqualTo("none");
    }

    @Test
    void doesNotTakeTheEndOfAnEarlierRunOfTheSameNameForThisOnes() throws Exception {
        RunSpec run = run("a", 1, 1, 1);
        queue.statuses().event("a", status("a", State.FINISHED, run.createdAt().minusSeconds(1)), 0);
        ask(run);

        assertThat(nextRun()).isEqualTo("a");
    }

    @Test
    void stopsWhatIsDeleted() throws Exception {
        ask(run("a", 1, 1, 1));
        assertThat(queue.refusal("a")).isEmpty();
        queue.runs().event("a", null, 2);

        assertThat(queue.next(SOON).orElseThrow().refusal()).contains("stopped by DELETE /runs/a");
    }

    @Test
    void refusesWhatItCannotReadBeforeAnythingElse() throws Exception {
        ask(run("a", 1, 1, 1));
        queue.runs().unreadable("x", 1, "recipe.warp is not known to this version");

        Item item = queue.next(SOON).orElseThrow();
        assertThat(item.spec()).isEmpty();
        assertThat(item.refusal()).contains("malformed RunSpec: recipe.warp is not known to this version");
    }

    @Test
    void refusesARunThatDoesNotFitItself() throws Exception {
        Network wrong = new Network("resnet18", Network.Stem.CIFAR, 3, 4);
        ask(Fixtures.withNetwork(run("a", 1, 1, 1), wrong));

        assertThat(queue.next(SOON).orElseThrow().refusal())
                .contains("malformed RunSpec: network.inputChannels is 3, dataset.channels 1");
    }

    @Test
    void refusesARunThatIsToDecideByAValidationSplitThatItDoesNotHave() throws Exception {
        RunSpec run = Fixtures.withOptions(run("a", 2, 1, 1), "{\"earlyStopping\":{}}");
        ask(run);

        assertThat(queue.next(SOON).orElseThrow().refusal()).hasValueSatisfying(why -> assertThat(why)
                .contains("malformed RunSpec: recipe.validation is 0.1, and dataset.validation is missing"));

        ask(Fixtures.withValidation(run, new Dataset.Validation(0.1, "digest", 400)));
        assertThat(queue.next(SOON).orElseThrow().refusal()).isEmpty();
    }

    @Test
    void leavesARunAloneWhileSomethingIsHeardOfIt() throws Exception {
        ask(run("a", 1, 1, 1));
        queue.leave("a", "another trainer has taken it over");
        assertThat(nextRun()).isEqualTo("none");
        assertThat(queue.leftAlone()).contains("run a is left alone: another trainer has taken it over");

        hear("a", State.FINISHED);
        assertThat(queue.leftAlone()).isEmpty();
    }

    @Test
    void takesARunUpAgainOfWhichNothingIsHeard() throws Exception {
        RunQueue impatient = new RunQueue(Duration.ofNanos(1));
        impatient.runs().event("a", run("a", 1, 1, 1), 0);
        impatient.leave("a", "another trainer has taken it over");

        assertThat(impatient.next(SOON).map(Item::runId)).contains("a");
        assertThat(impatient.leave("a", "another trainer has taken it over"))
                .as("news")
                .isFalse();
        impatient.begun("a");
        assertThat(impatient.leftAlone()).isEmpty();
    }

    @Test
    void forgetsTheRunsOfATopicThatWasMadeAnew() throws Exception {
        ask(run("a", 1, 1, 1));
        queue.runs().cleared();

        assertThat(nextRun()).isEqualTo("none");
    }
}
