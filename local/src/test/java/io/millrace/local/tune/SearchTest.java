// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.Refusal;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.tune.Search.Look;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Over a pool whose runs learn an epoch when they are told to. */
class SearchTest {
    private static final ObjectNode RECIPE = JsonNodeFactory.instance
            .objectNode()
            .put("name", "quick")
            .put("epochs", 2)
            .put("validation", 0.1);
    private static final Halving HALVING = Halving.of(4, 2, 2, null);
    private static final long SEED = 1;
    private static final Setting SETTING = setting("strokes", "resnet18", SEED);

    private final Standin pool = new Standin();

    private static Setting setting(String dataset, String network, long seed) {
        return new Setting(dataset, NetworkFile.of(TextNode.valueOf(network), null), seed);
    }

    private static List<Trial> trials(int rateFactor) {
        List<Trial> trials = new ArrayList<>();
        for (int k = 1; k <= 4; k++) {
            Values values = new Values(k * rateFactor / 100.0, 0.001, Optional.empty());
            trials.add(new Trial("s-" + k, values, values.in(RECIPE)));
        }
        return trials;
    }

    private Search search() {
        return new Search(HALVING, trials(1), SETTING, pool);
    }

    private static Look look(Search search) throws InterruptedException {
        return search.look().orElseThrow();
    }

    @Test
    void allAreOrderedTheBestGoOnAndTheOthersAreStopped() throws Exception {
        Search search = search();

        assertThat(look(search).standing().decided()).isFalse();
        assertThat(pool.runs).containsOnlyKeys("s-1", "s-2", "s-3", "s-4");
        pool.learn("s-1", "s-2", "s-3");
        Look some = look(search);
        assertThat(pool.stopped()).as("they wait for the others").containsExactly("s-1", "s-2", "s-3");
        assertThat(Board.table(some))
                .hasSize(5)
                .element(1)
                .asString()
                .contains("s-1", "10.00 %", "waits for the others");
        pool.learn("s-4");
        look(search);
        look(search);
        assertThat(pool.stopped()).as("those with the higher rates go on").containsExactly("s-1", "s-2");
        assertThat(Board.picture(look(search)))
                .as("those that are in")
                .hasSize(3)
                .last()
                .asString()
                .contains("s-4", "40.00 %", "trains, epoch 1/2");
        pool.learn("s-3", "s-4");
        Look decided = look(search);

        assertThat(decided.isOver()).isTrue();
        assertThat(decided.winner()).contains(3);
        assertThat(Board.table(decided))
                .satisfiesExactly(
                        head -> assertThat(head).contains("TRIAL", "EPOCH 1", "EPOCH 2", "STATE"),
                        first -> assertThat(first).startsWith("s-4").contains("40.00 %", "41.00 %", "won"),
                        second -> assertThat(second).startsWith("s-3").endsWith("out after 2 epochs"),
                        third -> assertThat(third).startsWith("s-2").endsWith("-  out after 1 epoch"),
                        last -> assertThat(last).startsWith("s-1"));
    }

    @Test
    void onesThatWasStoppedGoesOnWhereItWas() throws Exception {
        Search first = search();
        look(first);
        pool.learn("s-1", "s-2");
        first.stop();
        assertThat(pool.stopped()).hasSize(4);

        Search again = search();
        look(again);
        assertThat(pool.stopped()).containsExactly("s-1", "s-2");
        assertThat(pool.orders).as("nothing is ordered twice").isEqualTo(4);
    }

    @Test
    void oneThatIsDecidedIsOnlyLookedAt() throws Exception {
        Search first = search();
        look(first);
        pool.learn("s-1", "s-2", "s-3", "s-4");
        look(first);
        look(first);
        pool.learn("s-3", "s-4");
        int wishes = pool.wishes;

        Look again = look(search());

        assertThat(again.isOver()).isTrue();
        assertThat(again.winner()).contains(3);
        assertThat(pool.wishes).isEqualTo(wishes);
    }

    @Test
    void oneThatFailsIsNamedAndTheOthersGoOn() throws Exception {
        Search search = search();
        Board board = new Board();
        board.news(look(search));
        pool.fail("s-4");
        pool.learn("s-1", "s-2", "s-3");

        Look look = look(search);

        assertThat(board.news(look))
                .contains("failed     s-4: loss is NaN; it counts as the worst")
                .contains("reached    s-3: 30.00 % of the validation split after 1 epoch")
                .contains("rung 2 of 2  to epoch 2: s-2, s-3");
        assertThat(Board.table(look)).element(4).asString().endsWith("failed: loss is NaN");
    }

    @Test
    void whereAllFailThereIsNoWinner() throws Exception {
        Search search = search();
        look(search);
        pool.fail("s-1");
        pool.fail("s-2");
        pool.fail("s-3");
        pool.fail("s-4");

        Look look = look(search);

        assertThat(look.isOver()).isTrue();
        assertThat(look.winner()).isEmpty();
        assertThat(Board.table(look)).hasSize(5);
    }

    @Test
    void aRunOfAnotherSearchIsNotTakenForATrial() throws Exception {
        look(search());

        assertThatThrownBy(() -> new Search(HALVING, trials(2), SETTING, pool).look())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the run s-1 is there already and is another one: its schedule is ")
                .hasMessageContaining("and that of this search {\"kind\":\"triangle\",\"learningRate\":0.02")
                .hasMessageContaining("--name NAME");
        assertThatThrownBy(() -> new Search(HALVING, trials(1), setting("mnist", "resnet18", 1), pool).look())
                .hasMessageContaining("its dataset is strokes, and that of this search mnist");
        assertThatThrownBy(() -> new Search(HALVING, trials(1), setting("strokes", "resnet18", 2), pool).look())
                .hasMessageContaining("its seed is 1, and that of this search 2");
        assertThatThrownBy(() -> new Search(HALVING, trials(1), setting("strokes", "resnet34", 1), pool).look())
                .hasMessageContaining("its network is ")
                .hasMessageContaining("resnet34");
    }

    @Test
    void aStackThatDoesNotAnswerForAMomentHasNoRunsOrderedAnew() throws Exception {
        Search search = search();
        look(search);
        pool.silent = true;

        assertThat(search.look()).isEmpty();
        assertThat(pool.orders).isEqualTo(4);
    }

    private static final class Standin implements Pool {
        private final Map<String, OrderedRun> runs = new LinkedHashMap<>();
        private int orders;
        private int wishes;
        private boolean silent;

        @Override
        public Optional<List<OrderedRun>> runs() {
            return silent ? Optional.empty() : Optional.of(List.copyOf(runs.values()));
        }

        @Override
        public Optional<Figure> figure(RunSpec run, int epoch) {
            double accuracy = 10 * run.recipe().schedule().learningRate() + (epoch - 1) / 100.0;
            return Optional.of(new Figure(accuracy, 1 - accuracy));
        }

        @Override
        public void order(Trial trial) {
            orders++;
            wishes++;
            RunSpec like = Samples.RUN;
            RunSpec spec = new RunSpec(
                    trial.runId(),
                    Instant.EPOCH,
                    "s",
                    like.dataset(),
                    like.network(),
                    Recipes.of(trial.recipe()),
                    1,
                    SEED,
                    like.batchesPerEpoch(),
                    like.encoding(),
                    0);
            put(spec, "running", null, 0);
        }

        private void put(RunSpec spec, String state, String reason, int epochs) {
            RunStatus like = Samples.STATUS;
            RunStatus status = new RunStatus(
                    spec.runId(),
                    RunStatus.State.RUNNING,
                    null,
                    (long) epochs * spec.batchesPerEpoch(),
                    spec.steps(),
                    epochs,
                    spec.epochs(),
                    0,
                    1,
                    1,
                    1,
                    0,
                    1.0,
                    0L,
                    null,
                    null,
                    null,
                    null,
                    like.compute(),
                    null,
                    Instant.EPOCH);
            runs.put(spec.runId(), new OrderedRun(spec.runId(), state, reason, spec, status));
        }

        private int epochs(OrderedRun run) {
            return (int) (run.status().step() / run.spec().batchesPerEpoch());
        }

        void learn(String... ids) {
            for (String id : ids) {
                OrderedRun run = runs.get(id);
                assertThat(run.state()).as(id).isEqualTo("running");
                int epochs = epochs(run) + 1;
                put(run.spec(), epochs == run.spec().epochs() ? "finished" : "running", null, epochs);
            }
        }

        void fail(String id) {
            OrderedRun run = runs.get(id);
            put(run.spec(), "failed", "loss is NaN", epochs(run));
        }

        List<String> stopped() {
            return runs.values().stream()
                    .filter(OrderedRun::stopped)
                    .map(OrderedRun::runId)
                    .toList();
        }

        private void becomes(String id, String state) {
            wishes++;
            OrderedRun run = runs.get(id);
            put(run.spec(), state, null, epochs(run));
        }

        @Override
        public void stop(String runId) {
            becomes(runId, "stopped");
        }

        @Override
        public void resume(String runId) {
            becomes(runId, "running");
        }
    }
}
