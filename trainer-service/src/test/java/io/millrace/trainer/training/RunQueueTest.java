// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Workers;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.pool.Demand;
import io.millrace.trainer.training.RunQueue.Item;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunQueueTest {
    private static final Duration SOON = Duration.ofMillis(1);

    private final RunQueue queue = new RunQueue();

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

    private List<String> wanted() {
        return queue.demands().stream().map(Demand::runId).toList();
    }

    private Item unsaid() {
        assertThat(queue.unsaid()).hasSize(1);
        return queue.unsaid().get(0);
    }

    @Test
    void asksForWorkersForRunsThatHaveNotEnded() throws Exception {
        RunSpec run = run("x", 1, 1, 1);
        ask(Fixtures.withCreatedAt(run("younger", 1, 1, 1), run.createdAt().plusSeconds(1)));
        ask(Fixtures.withPriority(run, 3).withShare("vision", new Workers(1)));
        assertThat(wanted()).containsExactly("x", "younger");
        assertThat(queue.demands().get(0))
                .isEqualTo(new Demand("x", run.incarnation(), 3, "vision", 1, 1, run.createdAt()));
        assertThat(queue.await(run.incarnation(), SOON).map(RunSpec::runId)).contains("x");

        queue.told(status("x", State.FINISHED, Instant.now().plusSeconds(10)));
        assertThat(wanted()).containsExactly("younger");
        assertThat(queue.await(run.incarnation(), SOON)).isEmpty();
    }

    @Test
    void goesOnWithARunThatWasRunning() throws Exception {
        hear("a", State.RUNNING);
        ask(run("a", 1, 1, 1));

        assertThat(wanted()).containsExactly("a");
    }

    @Test
    void doesNotBeginARunAgainWhoseStatusesItHearsLate() throws Exception {
        RunSpec run = run("a", 1, 1, 1);
        ask(run);
        queue.told(status("a", State.FINISHED, Instant.now()));
        queue.statuses().event("a", status("a", State.RUNNING, run.createdAt()), 0);

        assertThat(wanted()).isEmpty();
    }

    @Test
    void doesNotTakeTheEndOfAnEarlierRunOfTheSameNameForThisOnes() throws Exception {
        RunSpec run = run("a", 1, 1, 1);
        queue.statuses().event("a", status("a", State.FINISHED, run.createdAt().minusSeconds(1)), 0);
        ask(run);

        assertThat(wanted()).containsExactly("a");
    }

    @Test
    void hasNothingToDoWithWhatIsRemoved() throws Exception {
        RunSpec run = run("a", 1, 1, 1);
        ask(run);
        ask(run.asRemoved());
        assertThat(wanted()).isEmpty();
        assertThat(queue.spec("a").map(RunSpec::removed)).contains(true);

        ask(run("b", 1, 1, 1));
        queue.runs().event("b", null, 2);
        assertThat(wanted()).as("as versions before removed it").isEmpty();
        assertThat(queue.spec("b").map(RunSpec::removed)).contains(true);
    }

    @Test
    void saysOfAStoppedRunThatItIsOneAndTrainsItWhenItIsResumed() throws Exception {
        RunSpec run = run("a", 1, 6, 1);
        RunSpec urgent = Fixtures.withPriority(run("urgent", 1, 6, 1), 1);
        ask(urgent);
        ask(run.withStopped(true));
        hear("a", State.RUNNING);

        assertThat(unsaid().runId()).isEqualTo("a");
        assertThat(wanted()).containsExactly("urgent");
        hear("a", State.STOPPED);
        assertThat(queue.settled(run)).isPresent();
        assertThat(wanted()).containsExactly("urgent");
        hear("urgent", State.FINISHED);
        assertThat(wanted()).isEmpty();

        ask(run.withStopped(false));
        assertThat(queue.settled(run)).isEmpty();
        assertThat(wanted()).containsExactly("a");
    }

    @Test
    void goesOnWithAFinishedRunThatIsExtendedAndWithNoFailedOne() throws Exception {
        RunSpec run = run("a", 2, 3, 1);
        ask(run);
        hear("a", State.FINISHED);
        assertThat(wanted()).isEmpty();

        ask(run.withExtension(1));
        assertThat(wanted()).containsExactly("a");

        ask(run.withExtension(1).withStopped(true));
        assertThat(unsaid().runId()).isEqualTo("a");
        hear("a", State.FAILED);
        ask(run.withExtension(1));
        assertThat(wanted()).isEmpty();
    }

    @Test
    void refusesWhatItCannotRead() throws Exception {
        ask(run("a", 1, 1, 1));
        queue.runs().unreadable("x", 1, "recipe.warp is not known to this version");

        assertThat(wanted()).containsExactly("a");
        assertThat(unsaid().spec()).isEmpty();
        assertThat(unsaid().refusal()).contains("malformed RunSpec: recipe.warp is not known to this version");
    }

    @Test
    void refusesARunThatDoesNotFitItself() throws Exception {
        Network wrong = new Network("resnet18", Network.Stem.CIFAR, 3, 4);
        ask(Fixtures.withNetwork(run("a", 1, 1, 1), wrong));

        assertThat(unsaid().refusal()).contains("malformed RunSpec: network.inputChannels is 3, dataset.channels 1");
    }

    @Test
    void refusesARunThatIsToDecideByAValidationSplitThatItDoesNotHave() throws Exception {
        RunSpec run = Fixtures.withOptions(run("a", 2, 1, 1), "{\"earlyStopping\":{}}");
        ask(run);

        assertThat(unsaid().refusal()).hasValueSatisfying(why -> assertThat(why)
                .contains("malformed RunSpec: recipe.validation is 0.1, and dataset.validation is missing"));

        ask(Fixtures.withValidation(run, new Dataset.Validation(0.1, "digest", 400)));
        assertThat(queue.unsaid()).isEmpty();
        assertThat(wanted()).containsExactly("a");
    }

    @Test
    void forgetsTheRunsOfATopicThatWasMadeAnew() throws Exception {
        ask(run("a", 1, 1, 1));
        queue.runs().cleared();

        assertThat(wanted()).isEmpty();
    }
}
