// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import static io.millrace.trainer.Fixtures.batch;
import static io.millrace.trainer.Fixtures.id;
import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PrefetchQueueTest {
    private static final RunSpec RUN = run("run-a", 2, 3, 1);
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration LONG = Duration.ofMinutes(1);

    private static StepInput step(int step) {
        return new StepInput(List.of(new ShardBatch(
                id(RUN, step, 0), Optional.of(batch(RUN, id(RUN, step, 0))), new OffsetRange(step, step + 1))));
    }

    @Test
    void isFullAtItsNumberOfSteps() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(2, Long.MAX_VALUE);
        queue.put(step(0));
        assertThat(queue.full()).isFalse();
        queue.put(step(1));
        assertThat(queue.full()).isTrue();
        queue.poll(SOON);
        assertThat(queue.full()).isFalse();
    }

    @Test
    void isFullAtItsNumberOfBytes() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(100, 300);
        queue.put(step(0));
        assertThat(queue.full()).isFalse();
        queue.put(step(1));
        assertThat(queue.full()).isTrue();
        queue.poll(SOON);
        queue.poll(SOON);
        assertThat(queue.full()).isFalse();
    }

    @Test
    void staysFullUntilHalfOfItIsUsedUp() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(4, Long.MAX_VALUE);
        for (int k = 0; k < 4; k++) {
            queue.put(step(k));
        }
        queue.poll(SOON);
        assertThat(queue.full()).isTrue();
        queue.poll(SOON);
        assertThat(queue.full()).isFalse();
        queue.put(step(4));
        assertThat(queue.full()).isFalse();
    }

    @Test
    void queueOfOneStepIsFilledWhileThatOneIsTrained() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(1, Long.MAX_VALUE);
        queue.put(step(0));
        assertThat(queue.full()).isTrue();
        queue.poll(SOON);
        assertThat(queue.full()).isFalse();
    }

    @Test
    void givesNothingWhenNothingComesInTime() throws Exception {
        assertThat(new PrefetchQueue(2, 1000).poll(SOON)).isEmpty();
    }

    @Test
    void wakesWhoWaitsForAStep() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(2, 1000);
        Thread reader = new Thread(() -> queue.put(step(0)));
        reader.start();
        assertThat(queue.poll(LONG)).isPresent();
        reader.join();
    }

    @Test
    void countsWhatIsNoWholeStepYetButIsNeverFullOfThatAlone() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(100, 300);
        queue.beside(1000);
        assertThat(queue.overfull()).isTrue();
        assertThat(queue.full()).isFalse();

        queue.put(step(0));
        assertThat(queue.full()).isTrue();
        queue.poll(SOON);
        assertThat(queue.full()).isFalse();
    }

    @Test
    void failsOnlyAfterTheStepsThatCameBefore() throws Exception {
        PrefetchQueue queue = new PrefetchQueue(2, 1000);
        queue.put(step(0));
        queue.fail(new IllegalArgumentException("no such thing"));

        assertThat(queue.poll(LONG)).isPresent();
        assertThatThrownBy(() -> queue.poll(LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("reading batches failed: java.lang.IllegalArgumentException: no such thing");
    }
}
