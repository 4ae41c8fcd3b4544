// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.evaluator.insight.InsightUnavailableException.Reason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicInteger worked = new AtomicInteger();

    @AfterEach
    void release() {
        held.countDown();
    }

    private int workUntilReleased() throws InterruptedException {
        begun.countDown();
        held.await();
        return worked.incrementAndGet();
    }

    /** Somebody who asks meanwhile. */
    private FutureTask<Integer> asking(Questions questions, String key) {
        FutureTask<Integer> asking = new FutureTask<>(() -> questions.answer(key, this::workUntilReleased));
        Thread thread = new Thread(asking);
        thread.setDaemon(true);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return asking;
    }

    @Test
    void whoAsksTheSameWaitsForTheSameAnswer() throws Exception {
        // Given
        Questions questions = new Questions(LONG, 2);
        FutureTask<Integer> one = asking(questions, "a");
        FutureTask<Integer> other = asking(questions, "a");

        // When
        held.countDown();

        // Then
        assertThat(one.get()).isEqualTo(1);
        assertThat(other.get()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(questions.<Integer>answer("a", worked::incrementAndGet))
                .as("an answer is not remembered")
                .isEqualTo(2));
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsNotBegunAndWhatWasBegunIsJoined() throws Exception {
        // Given one that takes long, and one behind it
        Questions questions = new Questions(Duration.ofMillis(200), 2);
        assertThatThrownBy(() -> questions.answer("long", this::workUntilReleased))
                .isInstanceOf(TimeoutException.class);
        begun.await();
        AtomicInteger unwanted = new AtomicInteger();
        assertThatThrownBy(() -> questions.answer("behind", unwanted::incrementAndGet))
                .isInstanceOf(TimeoutException.class);

        // When the long one is asked for again
        assertThatThrownBy(() -> questions.answer("long", worked::incrementAndGet))
                .isInstanceOf(TimeoutException.class);
        held.countDown();

        // Then it was worked on once, and the other never
        await().untilAsserted(() ->
                assertThat(questions.<String>answer("last", () -> "done")).isEqualTo("done"));
        assertThat(worked).hasValue(1);
        assertThat(unwanted).hasValue(0);
    }

    @Test
    void whoIsOneTooManyIsToldSoAtOnceUntilOthersHaveTheirAnswers() throws Exception {
        // Given
        Questions questions = new Questions(LONG, 1);
        FutureTask<Integer> one = asking(questions, "a");

        // Then
        assertThatExceptionOfType(InsightUnavailableException.class)
                .isThrownBy(() -> questions.answer("b", () -> "never"))
                .withMessageContaining("1 questions")
                .withMessageContaining("ask again")
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.PASSING));

        // When
        held.countDown();
        one.get();

        // Then
        assertThat(questions.<String>answer("b", () -> "now")).isEqualTo("now");
    }
}
