// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.inference.InferenceMetrics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelSwitchTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InferenceMetrics metrics = new InferenceMetrics(meters);
    private final ModelRegistry registry = new ModelRegistry(metrics, true);
    private final ShadowSlot shadow = new ShadowSlot(metrics);
    private static final String MODEL = "mnist";

    private final LatestPromotion latest = new LatestPromotion(Optional.empty());
    private final List<String> attempts = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> failuresFirst = new ConcurrentHashMap<>();
    private final Map<String, FakeModels.Fake> networks = new ConcurrentHashMap<>();
    private final List<Throwable> lost = new CopyOnWriteArrayList<>();
    private ModelSwitch modelSwitch;

    @BeforeEach
    void theTopicIsRead() {
        latest.replayed();
    }

    @AfterEach
    void stop() throws InterruptedException {
        modelSwitch.close();
    }

    @Test
    void promotionsThatWaitAreSkippedForTheNewest() {
        // Given
        latest.event(MODEL, promotion("v1"), 0);
        latest.event(MODEL, promotion("v2"), 0);
        latest.event(MODEL, promotion("v3"), 0);

        // When
        start(this::load, new Backoff(3, Duration.ofMillis(1), Duration.ofMillis(1)));

        // Then
        awaitServed("v3");
        assertThat(attempts).containsExactly("v3");
    }

    @Test
    void nothingIsLoadedBeforeTheWholeTopicIsRead() throws InterruptedException {
        // Given
        latest.cleared();
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));

        // When
        latest.event(MODEL, promotion("v1"), 0);
        assertThat(latest.awaitNewer(Duration.ofMillis(50))).isFalse();
        latest.event(MODEL, promotion("v2"), 1);
        latest.replayed();

        // Then
        awaitServed("v2");
        assertThat(attempts).containsExactly("v2");
    }

    @Test
    void whatIsServedStaysWhenTheTopicIsMadeAnewUntilItSaysSomethingElse() {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        latest.event(MODEL, promotion("v1"), 0);
        latest.event(MODEL, promotion("v2"), 1);
        awaitServed("v2");

        // When it comes back empty, then with what is served, then with something else
        latest.cleared();
        latest.replayed();
        assertThat(served()).isEqualTo("v2");
        latest.cleared();
        latest.event(MODEL, promotion("v2"), 0);
        latest.replayed();
        latest.event(MODEL, promotion("v3"), 1);

        // Then
        awaitServed("v3");
        assertThat(attempts).containsSubsequence("v2", "v3").doesNotHaveDuplicates();
    }

    @Test
    void aPromotionThatIsWithdrawnChangesNothing() {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        latest.event(MODEL, promotion("v1"), 0);
        awaitServed("v1");

        // When
        latest.event(MODEL, null, 1);

        // Then
        assertThat(served()).isEqualTo("v1");
    }

    @Test
    void successorReplacesTheOneBeforeAndClosesTheOneBeforeThat() {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        latest.event(MODEL, promotion("v1"), 0);
        awaitServed("v1");

        // When
        latest.event(MODEL, promotion("v2"), 0);

        // Then
        awaitServed("v2");
        assertThat(networks.get("v1").closed()).isZero();
        assertThat(swaps(InferenceMetrics.SUCCESS)).isEqualTo(2);
        assertThat(meters.find(InferenceMetrics.MODEL_INFO).gauges())
                .singleElement()
                .satisfies(info -> assertThat(info.getId().getTag(InferenceMetrics.VERSION))
                        .isEqualTo("v2"));
        assertThat(meters.find(InferenceMetrics.REQUEST_DURATION).timers()).hasSize(1);

        // And when
        latest.event(MODEL, promotion("v3"), 0);

        // Then
        awaitServed("v3");
        await().untilAsserted(() -> assertThat(networks.get("v1").closed()).isOne());
        assertThat(networks.get("v2").closed()).isZero();
    }

    @Test
    void theOneBeforeIsServedAgainWithoutBeingLoaded() {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        latest.event(MODEL, promotion("v1"), 0);
        awaitServed("v1");
        latest.event(MODEL, promotion("v2"), 1);
        awaitServed("v2");

        // When, and neither can be read any more
        failuresFirst.put("v1", Integer.MAX_VALUE);
        failuresFirst.put("v2", Integer.MAX_VALUE);
        for (String version : List.of("v1", "v2", "v1")) {
            latest.event(MODEL, promotion(version), 2);
            awaitServed(version);
        }

        // Then
        assertThat(attempts).containsExactly("v1", "v2");
        assertThat(swaps(InferenceMetrics.SUCCESS)).isEqualTo(5);
        assertThat(networks.values()).allMatch(network -> network.closed() == 0);
        assertThat(registry.lease().orElseThrow().card().loadedAt()).isAfter(FakeModels.LOADED_AT);
        assertThat(modelSwitch.problem()).isEmpty();
    }

    @Test
    void aModelThatCannotBeLoadedLeavesTheOneBeforeLoaded() {
        // Given
        start(this::load, new Backoff(1, Duration.ofDays(1), Duration.ofDays(1)));
        latest.event(MODEL, promotion("v1"), 0);
        awaitServed("v1");
        latest.event(MODEL, promotion("v2"), 1);
        awaitServed("v2");

        // When
        failuresFirst.put("v3", Integer.MAX_VALUE);
        latest.event(MODEL, promotion("v3"), 2);
        await().until(() -> modelSwitch.problem().isPresent());
        latest.event(MODEL, promotion("v1"), 3);

        // Then
        awaitServed("v1");
        assertThat(attempts).containsExactly("v1", "v2", "v3");
    }

    @Test
    void whereMemoryIsScarceTheOneBeforeIsClosed() {
        // Given
        ModelRegistry scarce = new ModelRegistry(metrics, false);
        FakeModels.Fake before = FakeModels.firstPixel();
        scarce.serve(FakeModels.served("v1", before));

        // When
        scarce.serve(FakeModels.served("v2", FakeModels.firstPixel()));

        // Then
        assertThat(before.closed()).isOne();
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
    }

    @Test
    void fileThatComesLateIsServedInTheEnd() {
        // Given
        failuresFirst.put("v1", 3);
        start(this::load, new Backoff(5, Duration.ofMillis(1), Duration.ofMillis(2)));

        // When
        latest.event(MODEL, promotion("v1"), 0);

        // Then
        awaitServed("v1");
        assertThat(attempts).hasSize(4);
        assertThat(swaps(InferenceMetrics.FAILURE)).isZero();
    }

    @Test
    void whateverFailsTheServedModelStaysAndItIsCountedOnce() {
        // Given
        start(this::load, new Backoff(3, Duration.ofMillis(1), Duration.ofMillis(1)));
        latest.event(MODEL, promotion("v1"), 0);
        awaitServed("v1");

        // When
        failuresFirst.put("v2", Integer.MAX_VALUE);
        latest.event(MODEL, promotion("v2"), 0);

        // Then
        await().untilAsserted(() -> assertThat(swaps(InferenceMetrics.FAILURE)).isOne());
        assertThat(attempts).startsWith("v1", "v2", "v2", "v2");
        assertThat(served()).isEqualTo("v1");
        assertThat(networks.get("v1").closed()).isZero();
    }

    @Test
    void afterARestartTheOneBeforeIsServedInPlaceOfOneThatCannotBeLoaded() {
        // Given
        failuresFirst.put("v3", Integer.MAX_VALUE);
        failuresFirst.put("v2", Integer.MAX_VALUE);
        latest.event(MODEL, promotion("v1"), 0);
        latest.event(MODEL, promotion("v2"), 0);
        latest.event(MODEL, promotion("v3"), 0);

        // When
        start(this::load, new Backoff(1, Duration.ofDays(1), Duration.ofDays(1)));

        // Then
        awaitServed("v1");
        assertThat(attempts).containsExactly("v3", "v2", "v1");
        assertThat(swaps(InferenceMetrics.FAILURE)).isEqualTo(2);
    }

    @Test
    void whatWasPromotedUnderAnotherNameIsNoReplacement() throws InterruptedException {
        // Given
        latest.event("fashion", promotion("fashion", "v1"), 0);
        latest.event(MODEL, promotion("v2"), 0);

        // Then
        assertThat(latest.before(latest.take())).isEmpty();
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
    }

    @Test
    void whereTheTopicKeptOnlyTheLastPromotionTheOneThatItNamesIsServed() {
        // Given
        failuresFirst.put("v3", Integer.MAX_VALUE);
        latest.event(MODEL, promotion("mnist", checkpoint("v3", "00"), checkpoint("v2", "00")), 0);

        // When
        start(this::load, new Backoff(1, Duration.ofDays(1), Duration.ofDays(1)));

        // Then
        awaitServed("v2");
        assertThat(attempts).containsExactly("v3", "v2");
    }

    @Test
    void whatStandsInForTheNewestGivesWayWhenItCanBeRead() {
        // Given
        failuresFirst.put("v2", 5);
        latest.event(MODEL, promotion("v1"), 0);
        latest.event(MODEL, promotion("v2"), 0);

        // When
        start(this::load, new Backoff(2, Duration.ofMillis(1), Duration.ofMillis(2)));

        // Then
        awaitServed("v2");
        assertThat(attempts).containsExactly("v2", "v2", "v1", "v2", "v2", "v2", "v2");
        assertThat(swaps(InferenceMetrics.FAILURE)).isOne();
        assertThat(swaps(InferenceMetrics.SUCCESS)).isEqualTo(2);
    }

    @Test
    void checkpointThatWasWrittenAnewIsLoadedAgain() {
        // Given
        start(this::load, new Backoff(1, Duration.ofDays(1), Duration.ofDays(1)));
        latest.event(MODEL, promotion("mnist", checkpoint("v1", "00"), null), 0);
        awaitServed("v1");
        FakeModels.Fake replaced = networks.get("v1");

        // When
        latest.event(MODEL, promotion("mnist", checkpoint("v1", "11"), null), 0);

        // Then
        await().untilAsserted(() -> assertThat(networks.get("v1")).isNotSameAs(replaced));
        assertThat(attempts).containsExactly("v1", "v1");
        assertThat(served()).isEqualTo("v1");
    }

    @Test
    void errorThatEndsTheThreadIsTold() {
        // Given
        Error error = new AssertionError("broken");
        start(
                candidate -> {
                    throw error;
                },
                new Backoff(1, Duration.ofDays(1), Duration.ofDays(1)));

        // When
        latest.event(MODEL, promotion("v1"), 0);

        // Then
        await().untilAsserted(() -> assertThat(modelSwitch.alive()).isFalse());
        assertThat(lost).containsExactly(error);
    }

    @Test
    void whatCannotBecomeANetworkIsTriedOnce() {
        // Given
        start(
                promotion -> {
                    attempts.add(promotion.checkpoint().checkpointId());
                    throw new UnusableModelException("no such network", null);
                },
                new Backoff(9, Duration.ofMillis(1), Duration.ofMillis(1)));

        // When
        latest.event(MODEL, promotion("v1"), 0);

        // Then
        await().untilAsserted(() -> assertThat(swaps(InferenceMetrics.FAILURE)).isOne());
        assertThat(attempts).hasSize(1);
        assertThat(registry.card()).isEmpty();
        assertThat(modelSwitch.problem()).contains("the promoted checkpoint v1 cannot be loaded: no such network");
    }

    @Test
    void newerPromotionEndsTheAttemptsAtAnOlderOne() throws InterruptedException {
        // Given
        CountDownLatch tried = new CountDownLatch(1);
        start(
                promotion -> {
                    if (promotion.checkpoint().checkpointId().equals("v1")) {
                        tried.countDown();
                        throw new IOException("not there yet");
                    }
                    return load(promotion);
                },
                new Backoff(9, Duration.ofDays(1), Duration.ofDays(1)));
        latest.event(MODEL, promotion("v1"), 0);
        tried.await();

        // When
        latest.event(MODEL, promotion("v2"), 0);

        // Then
        awaitServed("v2");
        assertThat(swaps(InferenceMetrics.FAILURE)).isOne();
    }

    @Test
    void pauseDoublesUpToTheLongest() {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        Backoff backoff = new Backoff(9, Duration.ofSeconds(1), Duration.ofSeconds(5));

        // Then
        assertThat(List.of(backoff.pauseAfter(1), backoff.pauseAfter(3), backoff.pauseAfter(4), backoff.pauseAfter(99)))
                .extracting(Duration::toSeconds)
                .containsExactly(1L, 4L, 5L, 5L);
    }

    @Test
    void otherNamesDoNotMatterWhenOneIsConfigured() throws InterruptedException {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        LatestPromotion fashion = new LatestPromotion(Optional.of("fashion"));

        // When
        fashion.event(MODEL, promotion("v1"), 0);

        // Then
        assertThat(fashion.awaitNewer(Duration.ZERO)).isFalse();
    }

    @Test
    void ofWhatIsLeftAfterADeletionTheLatestCounts() {
        // Given a topic that ends with the deletion of what was promoted last
        latest.event("fashion", promotion("fashion", "f1"), 0);
        latest.event("letters", at(promotion("letters", "l1"), Instant.EPOCH.plusSeconds(30)), 1);
        latest.event(MODEL, at(promotion("v1"), Instant.EPOCH.plusSeconds(60)), 2);
        latest.event(MODEL, null, 3);

        // When
        latest.replayed();
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));

        // Then
        awaitServed("l1");
        assertThat(attempts).containsExactly("l1");

        // And it is news again when it is promoted anew, however early that says it was
        latest.event("letters", promotion("letters", "l2"), 4);
        awaitServed("l2");
    }

    @Test
    void aShadowIsLoadedBesideWhatIsServedAndClosedWhenItIsWantedNoMore() {
        // Given
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        latest.event(MODEL, promotion("v1"), 0);
        awaitServed("v1");

        // When
        latest.event(MODEL, promotion("v1").beside(checkpoint("v2", "00")), 1);

        // Then
        awaitAsked("v2");
        assertThat(served()).isEqualTo("v1");
        assertThat(attempts).containsExactly("v1", "v2");
        assertThat(shadow.wanted(MODEL)).contains("v2");
        assertThat(shadow.wanted("other")).isEmpty();
        assertThat(loads(InferenceMetrics.SUCCESS)).isOne();

        // And when it is another, none, and what was served is promoted once more
        latest.event(MODEL, promotion("v1").beside(checkpoint("v3", "00")), 2);
        awaitAsked("v3");
        assertThat(networks.get("v2").closed()).isOne();
        latest.event(MODEL, promotion("v1"), 3);
        awaitAsked("none");
        assertThat(networks.get("v3").closed()).isOne();
        assertThat(networks.get("v1").closed()).isZero();
    }

    @Test
    void aShadowThatCannotBeLoadedLeavesWhatIsServedAndSaysSo() {
        // Given
        start(
                candidate -> {
                    switch (candidate.checkpoint().checkpointId()) {
                        case "broken" -> throw new UnusableModelException("no such network", null);
                        case "large" -> throw new OutOfMemoryError("Java heap space");
                        default -> {
                            return load(candidate);
                        }
                    }
                },
                new Backoff(2, Duration.ofMillis(1), Duration.ofMillis(1)));
        failuresFirst.put("late", 3);

        // When, then
        latest.event(MODEL, promotion("v1").beside(checkpoint("broken", "00")), 0);
        awaitShadowProblem("the checkpoint broken cannot be loaded: no such network; what is served stays");
        latest.event(MODEL, promotion("v1").beside(checkpoint("large", "00")), 1);
        awaitShadowProblem("the checkpoint large cannot be loaded: Java heap space; what is served stays");
        assertThat(served()).isEqualTo("v1");
        assertThat(modelSwitch.problem()).isEmpty();
        assertThat(loads(InferenceMetrics.FAILURE)).isEqualTo(2);
        assertThat(lost).isEmpty();

        // And what is shown late is asked when it is there
        latest.event(MODEL, promotion("v1").beside(checkpoint("late", "00")), 2);
        awaitAsked("late");
        assertThat(shadow.problem()).isEmpty();
    }

    @Test
    void ofAnotherModelOnlyWhatIsPromotedIsServed() {
        // Given two names, of which the second was promoted last
        start(this::load, new Backoff(1, Duration.ZERO, Duration.ZERO));
        latest.event("fashion", promotion("fashion", "f1"), 0);
        ModelPromoted later = at(promotion("v1"), Instant.EPOCH.plusSeconds(60));
        latest.event(MODEL, later, 1);
        awaitServed("v1");

        // When the first one gets a shadow, and then the second one
        latest.event("fashion", promotion("fashion", "f1").beside(checkpoint("f2", "00")), 2);
        latest.event(MODEL, later.beside(checkpoint("v2", "00")), 3);

        // Then
        awaitAsked("v2");
        assertThat(served()).isEqualTo("v1");
        assertThat(attempts).doesNotContain("f2");
    }

    private static ModelPromoted at(ModelPromoted promotion, Instant time) {
        return new ModelPromoted(
                promotion.model(),
                promotion.checkpoint(),
                promotion.evaluation(),
                promotion.previous(),
                promotion.cause(),
                promotion.pinned(),
                time);
    }

    private void awaitAsked(String version) {
        await().untilAsserted(() ->
                assertThat(shadow.card().map(ModelCard::version).orElse("none")).isEqualTo(version));
    }

    private void awaitShadowProblem(String problem) {
        await().untilAsserted(() -> assertThat(shadow.problem()).contains(problem));
    }

    private double loads(String outcome) {
        return meters.get(InferenceMetrics.SHADOW_LOADS)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }

    private void start(ModelLoader loader, Backoff backoff) {
        modelSwitch =
                new ModelSwitch(latest, loader, registry, shadow, metrics, backoff, (thread, error) -> lost.add(error));
        modelSwitch.start();
    }

    private ServedModel load(Candidate candidate) throws IOException {
        String version = candidate.checkpoint().checkpointId();
        attempts.add(version);
        if (failuresFirst.merge(version, -1, Integer::sum) >= 0) {
            throw new IOException("not there yet");
        }
        FakeModels.Fake network = FakeModels.firstPixel();
        networks.put(version, network);
        return FakeModels.served(candidate.checkpoint(), network);
    }

    private void awaitServed(String version) {
        await().untilAsserted(() -> assertThat(served()).isEqualTo(version));
    }

    private String served() {
        return registry.card().map(ModelCard::version).orElse("none");
    }

    private double swaps(String outcome) {
        return meters.get(InferenceMetrics.MODEL_SWAPS)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }

    private static ModelPromoted promotion(String version) {
        return promotion("mnist", version);
    }

    private static ModelPromoted promotion(String model, String version) {
        return promotion(model, checkpoint(version, "00"), null);
    }

    private static ModelPromoted promotion(String model, CheckpointRef ref, CheckpointRef previous) {
        CheckpointRef scored = checkpoint("scored", "00");
        EvaluationCompleted evaluation = new EvaluationCompleted(
                scored,
                "mnist",
                "d",
                null,
                null,
                1,
                1,
                false,
                10,
                0.99,
                0.1,
                0.01,
                List.of(),
                List.of(),
                1,
                null,
                Instant.EPOCH);
        return new ModelPromoted(model, ref, evaluation, previous, ModelPromoted.Cause.BEST, false, Instant.EPOCH);
    }

    private static CheckpointRef checkpoint(String version, String sha256) {
        return new CheckpointRef(version, "run-1", "run-1/" + version, sha256, 1);
    }
}
