// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Start;
import io.millrace.local.Refusal;
import io.millrace.local.tune.Pool.Answer;
import io.millrace.local.tune.Search.Look;
import io.millrace.local.tune.Search.Stopped;
import java.time.Duration;
import java.util.ArrayList;
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
    private static final long SEED = PoolStandIn.SEED;
    private static final Setting SETTING = setting("strokes", "resnet18", SEED);

    private final PoolStandIn pool = new PoolStandIn();

    private static Setting setting(String dataset, String network, long seed) {
        return new Setting(dataset, NetworkFile.of(TextNode.valueOf(network), null), seed, Optional.empty());
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
        return search(pool);
    }

    static Search search(Pool pool) {
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
        first.stop(Duration.ZERO);
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
    void neitherIsOneThatStartsFromOtherWeights() throws Exception {
        look(search());
        Setting pretrained =
                new Setting(SETTING.dataset(), SETTING.network(), SEED, Optional.of(new Start(Start.IMAGENET, null)));

        assertThatThrownBy(() -> new Search(HALVING, trials(1), pretrained, pool).look())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("its starting weights is fresh, and that of this search imagenet");
    }

    @Test
    void norAreTrialsComparedThatLearntFromOtherDataOfOneName() throws Exception {
        Search search = search();
        look(search);
        pool.learnsFrom("s-2", "d2");

        assertThatThrownBy(search::look)
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the run s-2 is there already and is another one: its data set's digest is d2");
    }

    @Test
    void aStackThatDoesNotAnswerForAMomentHasNoRunsOrderedAnew() throws Exception {
        Search search = search();
        look(search);
        pool.silent = true;

        assertThat(search.look()).isEmpty();
        assertThat(pool.orders).isEqualTo(4);
    }

    @Test
    void onlyAnOrderThatIsRefusedEndsItAndNotOneThatNobodyAnswersOrWhoseRunIsThere() throws Exception {
        Search search = search();
        pool.ordered = new Answer(Answer.Kind.SILENT, "no answer");
        look(search);
        assertThat(pool.orders).as("the others would not be answered, either").isEqualTo(1);
        pool.ordered = new Answer(Answer.Kind.CHANGED, "it is there already");
        look(search);
        assertThat(pool.orders).as("one is there, as the next look sees").isEqualTo(4);
        pool.ordered = Answer.DONE;
        look(search);
        assertThat(pool.runs).hasSize(4);

        pool.ordered = new Answer(Answer.Kind.SILENT, "no answer");
        pool.runs.remove("s-2");
        assertThatThrownBy(() -> new Search(HALVING, trials(1), SETTING, pool, Duration.ZERO).look())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("s-2: no answer")
                .hasMessageContaining("./millrace status");
    }

    @Test
    void aWishThatIsRefusedEndsItWithTheReason() throws Exception {
        Search search = search();
        look(search);
        pool.learn("s-1");
        pool.refused = "s-1";

        assertThatThrownBy(search::look).isInstanceOf(Refusal.class).hasMessage("this token is for reading");
    }

    @Test
    void whoStopsItIsToldWhichTrialsCouldNotBeStopped() throws Exception {
        Search search = search();
        look(search);
        pool.refused = "s-3";

        Stopped stopped = search.stop(Duration.ofMinutes(1));

        assertThat(stopped.runs()).containsExactly("s-1", "s-2", "s-4");
        assertThat(stopped.left()).containsOnly(entry("s-3", "this token is for reading"));
        assertThat(pool.stopped()).isEqualTo(stopped.runs());
    }

    @Test
    void ofASilentStackThoseAreNamedThatWentOnWhenItWasSeenLast() throws Exception {
        Search search = search();
        look(search);
        pool.fail("s-2");
        look(search);
        pool.silent = true;

        assertThat(search.stop(Duration.ZERO).left())
                .containsOnlyKeys("s-1", "s-3", "s-4")
                .containsValue("the stack does not answer");
        assertThat(search().stop(Duration.ZERO).left()).as("nobody looked").hasSize(4);
    }

    @Test
    void aTrialWhoseOrderNobodyAnsweredIsStoppedWhenItIsThereOrNamed() throws Exception {
        Search search = search();
        pool.ordered = new Answer(Answer.Kind.SILENT, "no answer");
        pool.late = 2;
        look(search);

        assertThat(search.stop(Duration.ofMinutes(1)))
                .as("it is there at the third look from now")
                .isEqualTo(new Stopped(List.of("s-1"), Map.of()));

        pool.runs.clear();
        Search another = search();
        pool.late = -1;
        look(another);
        assertThat(another.stop(Duration.ZERO).left()).containsOnlyKeys("s-1");
    }

    @Test
    void nothingIsOrderedOrResumedBeforeItsCurvesCanBeReadAndNothingIsLeftThen() throws Exception {
        pool.unread = true;
        Search search = search();

        assertThatThrownBy(search::look).isInstanceOf(InterruptedException.class);
        assertThat(search.stop(Duration.ofMinutes(1))).isEqualTo(new Stopped(List.of(), Map.of()));
        assertThat(pool.orders).isZero();

        pool.unread = false;
        Search begun = search();
        look(begun);
        begun.stop(Duration.ZERO);
        pool.unread = true;
        assertThatThrownBy(search()::look).isInstanceOf(InterruptedException.class);
        assertThat(pool.stopped()).hasSize(4);
    }

    @Test
    void noRunOfAnotherSearchIsStopped() throws Exception {
        look(search());
        Search other = new Search(HALVING, trials(2), SETTING, pool);

        assertThatThrownBy(other::look).isInstanceOf(Refusal.class);
        assertThat(other.hasBegun()).isFalse();
        assertThat(other.stop(Duration.ZERO)).isEqualTo(new Stopped(List.of(), Map.of()));
        assertThat(pool.stopped()).isEmpty();
    }
}
