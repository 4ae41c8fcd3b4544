// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.problem.LateException;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.BatchClassifier;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ServedModel;
import io.millrace.inference.ticket.Ticket;
import io.millrace.inference.ticket.Tickets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchersTest {
    private static final int MOST = 3;
    private static final int BAD = 255;
    private static final int UNTIL_STOPPED = 254;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InferenceMetrics metrics = new InferenceMetrics(meters);
    private final AtomicBoolean coming = new AtomicBoolean();
    /** The first values of the images of each call that began. */
    private final List<List<Integer>> calls = new CopyOnWriteArrayList<>();

    private final BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();
    private final Semaphore mayEnd = new Semaphore(0);
    private final ServedModel.Lease lease = lease("v1");
    private Batchers batchers = batchers(Duration.ofDays(1));

    @AfterEach
    void stop() throws InterruptedException {
        mayEnd.release(1000);
        batchers.close();
    }

    @Test
    void whoIsAloneDoesNotWait() {
        // Given a delay of a day
        mayEnd.release();

        // Then
        assertThat(label(submit(7))).isEqualTo(7);
        assertThat(calls).containsExactly(List.of(7));
        assertThat(meters.get(InferenceMetrics.QUEUE_DURATION).timer().count()).isOne();
    }

    @Test
    void whatComesDuringACallIsAnsweredTogetherByTheNext() throws InterruptedException {
        // Given
        List<CompletionStage<Answer>> answers = new ArrayList<>(List.of(submit(1)));
        begun.take();
        for (int value = 2; value <= 6; value++) {
            answers.add(submit(value));
        }

        // When
        mayEnd.release(3);

        // Then
        assertThat(answers).map(BatchersTest::label).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(calls).containsExactly(List.of(1), List.of(2, 3, 4), List.of(5, 6));
        assertThat(meters.get(InferenceMetrics.BATCH_SIZE).summary().totalAmount())
                .isEqualTo(6);
    }

    @Test
    void thoseThatAreSeenComingAreWaitedForUntilTheCallIsFull() {
        // Given
        coming.set(true);
        mayEnd.release();

        // When
        List<CompletionStage<Answer>> answers = List.of(submit(1), submit(2), submit(3));

        // Then
        assertThat(answers).map(BatchersTest::label).containsExactly(1, 2, 3);
        assertThat(calls).containsExactly(List.of(1, 2, 3));
    }

    @Test
    void thoseThatDoNotComeAreWaitedForNoLongerThanTheDelay() throws InterruptedException {
        // Given
        batchers.close();
        batchers = batchers(Duration.ofMillis(20));
        coming.set(true);
        mayEnd.release();

        // Then
        assertThat(label(submit(5))).isEqualTo(5);
    }

    @Test
    void aRequestWithManyImagesTakesTurnsAndIsAnsweredInItsOrder() throws InterruptedException {
        // Given
        submit(9);
        begun.take();
        CompletionStage<Answer> many = submit(0, 1, 2, 3, 4);
        CompletionStage<Answer> one = submit(8);

        // When
        mayEnd.release(4);

        // Then
        assertThat(labels(many)).containsExactly(0, 1, 2, 3, 4);
        assertThat(label(one)).isEqualTo(8);
        assertThat(calls).containsExactly(List.of(9), List.of(0, 1, 2), List.of(8, 3, 4));
    }

    @Test
    void modelsAreNeverMixed() throws InterruptedException {
        // Given
        ServedModel.Lease other = lease("v2");
        submit(9);
        begun.take();
        submit(1);
        CompletionStage<Answer> ofOther = batchers.submit(Tickets.arrived(), other, List.of(image(5)));
        CompletionStage<Answer> last = submit(2);

        // When
        mayEnd.release(3);

        // Then
        assertThat(label(ofOther)).isEqualTo(5);
        assertThat(label(last)).isEqualTo(2);
        assertThat(calls).containsExactly(List.of(9), List.of(1, 2), List.of(5));
    }

    @Test
    void theNetworkIsNotAskedForThoseWhoseDeadlinePassed() throws InterruptedException {
        // Given
        CompletionStage<Answer> first = submit(1);
        begun.take();
        Ticket ticket = Tickets.arrived();
        CompletionStage<Answer> late = batchers.submit(ticket, lease, List.of(image(2)));
        CompletionStage<Answer> last = submit(3);

        // When
        Tickets.late(ticket);
        boolean toldAtOnce = late.toCompletableFuture().isCompletedExceptionally();
        mayEnd.release(2);

        // Then
        assertThat(toldAtOnce).isTrue();
        assertThat(late.toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(LateException.class);
        assertThat(label(first)).isOne();
        assertThat(label(last)).isEqualTo(3);
        assertThat(calls).containsExactly(List.of(1), List.of(3));
    }

    @Test
    void aRequestEndsNotBeforeTheNetworkIsDoneWithItsImages() throws InterruptedException {
        // Given
        Ticket ticket = Tickets.arrived();
        CompletionStage<Answer> running = batchers.submit(ticket, lease, List.of(image(1)));
        begun.take();

        // When
        Tickets.late(ticket);
        boolean endedTooEarly = running.toCompletableFuture().isDone();
        mayEnd.release();

        // Then
        assertThat(endedTooEarly).isFalse();
        assertThat(running.toCompletableFuture())
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withCauseInstanceOf(LateException.class);
    }

    @Test
    void oneBadRequestFailsNoneBesideIt() throws InterruptedException {
        // Given
        submit(1);
        begun.take();
        CompletionStage<Answer> good = submit(2);
        CompletionStage<Answer> bad = submit(BAD);
        CompletionStage<Answer> alsoGood = submit(3);

        // When
        mayEnd.release(5);

        // Then
        assertThat(label(good)).isEqualTo(2);
        assertThat(label(alsoGood)).isEqualTo(3);
        assertThat(bad.toCompletableFuture())
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withMessageContaining("native failure");
        assertThat(batchers.alive()).isTrue();
    }

    @Test
    void whatWaitsWhenTheServiceStopsIsTurnedAway() throws InterruptedException {
        // Given
        CompletionStage<Answer> running = submit(UNTIL_STOPPED);
        begun.take();
        CompletionStage<Answer> waiting = submit(2);

        // When
        batchers.close();
        CompletionStage<Answer> tooLate = submit(3);

        // Then
        assertThat(label(running)).isZero();
        assertThat(calls).containsExactly(List.of(UNTIL_STOPPED));
        for (CompletionStage<Answer> refused : List.of(waiting, tooLate)) {
            assertThat(refused.toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableThat()
                    .withCauseInstanceOf(UnavailableException.class)
                    .withMessageContaining("stopping");
        }
    }

    @Test
    void whatNobodyWaitsForComesAfterEverythingElse() throws InterruptedException {
        // Given
        List<CompletionStage<Answer>> answers = new ArrayList<>(List.of(submit(1)));
        begun.take();
        CompletableFuture<List<List<Integer>>> before = new CompletableFuture<>();
        batchers.whenIdle(() -> before.complete(List.copyOf(calls)));
        for (int value = 2; value <= 5; value++) {
            answers.add(submit(value));
        }

        // When
        mayEnd.release(3);

        // Then
        assertThat(before)
                .succeedsWithin(5, TimeUnit.SECONDS)
                .isEqualTo(List.of(List.of(1), List.of(2, 3, 4), List.of(5)));
        assertThat(answers).map(BatchersTest::label).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void whatNobodyWaitsForWaitsForThoseThatAreSeenComing() throws InterruptedException {
        // Given somebody who is seen coming for as long as he is asked about, and then has come
        AtomicInteger looks = new AtomicInteger();
        batchers.close();
        batchers = new Batchers(
                1,
                new BatchLimits(MOST, Duration.ofDays(1)),
                () -> looks.incrementAndGet() < 20,
                metrics,
                (thread, error) -> {});
        CompletableFuture<Integer> looked = new CompletableFuture<>();

        // When
        batchers.whenIdle(() -> looked.complete(looks.get()));

        // Then
        assertThat(looked).succeedsWithin(5, TimeUnit.SECONDS).isEqualTo(20);
    }

    @Test
    void errorThatEndsAThreadIsTold() {
        // Given
        CompletableFuture<Throwable> lost = new CompletableFuture<>();
        Error error = new AssertionError("broken");
        Batchers broken = new Batchers(
                1,
                new BatchLimits(MOST, Duration.ofDays(1)),
                () -> {
                    throw error;
                },
                metrics,
                (thread, end) -> lost.complete(end));

        // When
        broken.submit(Tickets.arrived(), lease, List.of(image(1)));

        // Then
        assertThat(lost).succeedsWithin(5, TimeUnit.SECONDS).isEqualTo(error);
        await().untilAsserted(() -> assertThat(broken.alive()).isFalse());
    }

    private Batchers batchers(Duration delay) {
        return new Batchers(1, new BatchLimits(MOST, delay), coming::get, metrics, (thread, error) -> {});
    }

    private CompletionStage<Answer> submit(int... values) {
        List<byte[]> images = new ArrayList<>();
        for (int value : values) {
            images.add(image(value));
        }
        return batchers.submit(Tickets.arrived(), lease, images);
    }

    private ServedModel.Lease lease(String version) {
        ModelRegistry registry = new ModelRegistry(metrics, true);
        registry.serve(FakeModels.served(version, network()));
        return registry.lease().orElseThrow();
    }

    private BatchClassifier network() {
        return FakeModels.network(images -> {
            List<Integer> values = images.stream().map(image -> image[0] & 0xff).toList();
            calls.add(values);
            begun.add(values.size());
            if (values.contains(UNTIL_STOPPED)) {
                untilStopped();
            } else {
                mayEnd.acquireUninterruptibly();
            }
            if (values.contains(BAD)) {
                throw new IllegalStateException("native failure");
            }
            float[][] probabilities = new float[images.size()][10];
            for (int k = 0; k < probabilities.length; k++) {
                probabilities[k][values.get(k) % UNTIL_STOPPED] = 1;
            }
            return probabilities;
        });
    }

    private static void untilStopped() {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
    }

    private static byte[] image(int value) {
        return new byte[] {(byte) value};
    }

    private static int label(CompletionStage<Answer> answer) {
        return labels(answer).get(0);
    }

    private static List<Integer> labels(CompletionStage<Answer> answer) {
        Answer found =
                answer.toCompletableFuture().orTimeout(5, TimeUnit.SECONDS).join();
        List<Integer> labels = new ArrayList<>();
        for (int k = 0; k < found.predictions().size(); k++) {
            labels.add(found.predictions().predicted(k));
        }
        return labels;
    }
}
