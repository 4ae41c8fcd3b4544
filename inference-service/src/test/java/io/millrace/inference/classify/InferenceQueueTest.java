// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.image.PixelGrid;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.BatchClassifier;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ServedModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InferenceQueueTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InferenceMetrics metrics = new InferenceMetrics(meters);
    private final InferenceQueue queue =
            new InferenceQueue(1, 2, jobs -> new Worker(jobs, metrics), (thread, error) -> {});

    @AfterEach
    void stop() throws InterruptedException {
        queue.close();
    }

    @Test
    void oneTooManyIsTurnedAwayUntilAnotherHasLeft() {
        // Given
        InferenceQueue.Place first = queue.enter();
        InferenceQueue.Place second = queue.enter();

        // Then
        assertThat(queue.pending()).isEqualTo(2);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(queue::enter)
                .withMessageContaining("2 requests are waiting")
                .satisfies(e -> assertThat(e.retryAfter().toSeconds()).isOne());
        first.close();
        first.close();
        assertThat(queue.pending()).isOne();
        assertThat(queue.enter()).isNotNull();
        second.close();
    }

    @Test
    void waitingImagesAreAnsweredWhenTheWorkerIsFree() throws Exception {
        // Given
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ServedModel.Lease lease = lease(FakeModels.network(images -> {
            running.countDown();
            await(release);
            return new float[images.size()][10];
        }));

        // When
        CompletionStage<Job.Answer> first = queue.submit(lease, List.of(pixel(1), pixel(2)));
        running.await();
        CompletionStage<Job.Answer> second = queue.submit(lease, List.of(pixel(3)));
        boolean doneTooEarly = second.toCompletableFuture().isDone();
        release.countDown();

        // Then
        assertThat(doneTooEarly).isFalse();
        assertThat(first.toCompletableFuture().get(5, TimeUnit.SECONDS).probabilities())
                .hasDimensions(2, 10);
        assertThat(second.toCompletableFuture().get(5, TimeUnit.SECONDS).queueNanos())
                .isPositive();
        assertThat(meters.get(InferenceMetrics.BATCH_SIZE).summary().totalAmount())
                .isEqualTo(3);
        assertThat(meters.get(InferenceMetrics.QUEUE_DURATION).timer().count()).isEqualTo(2);
    }

    @Test
    void callThatFailsDoesNotEndTheWorker() throws Exception {
        // Given
        ServedModel.Lease broken = lease(FakeModels.network(images -> {
            throw new IllegalStateException("native failure");
        }));
        ServedModel.Lease good = lease(FakeModels.firstPixel());

        // When
        CompletionStage<Job.Answer> failed = queue.submit(broken, List.of(pixel(1)));
        CompletionStage<Job.Answer> answered = queue.submit(good, List.of(pixel(7)));

        // Then
        assertThat(answered.toCompletableFuture().get(5, TimeUnit.SECONDS).probabilities()[0][7])
                .isOne();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> failed.toCompletableFuture().get(5, TimeUnit.SECONDS))
                .withMessageContaining("native failure");
        assertThat(queue.alive()).isTrue();
    }

    @Test
    void errorThatEndsAWorkerIsTold() throws InterruptedException {
        // Given
        CompletableFuture<Throwable> lost = new CompletableFuture<>();
        Error error = new AssertionError("broken");

        // When
        InferenceQueue broken = new InferenceQueue(
                1,
                1,
                jobs -> () -> {
                    throw error;
                },
                (thread, end) -> lost.complete(end));

        // Then
        assertThat(lost).succeedsWithin(5, TimeUnit.SECONDS).isEqualTo(error);
        broken.close();
        assertThat(broken.alive()).isFalse();
    }

    private ServedModel.Lease lease(BatchClassifier network) {
        ModelRegistry registry = new ModelRegistry(metrics);
        registry.serve(FakeModels.served("v1", network));
        return registry.lease().orElseThrow();
    }

    private static PixelGrid pixel(int value) {
        return new PixelGrid(1, 1, 1, new byte[] {(byte) value});
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
