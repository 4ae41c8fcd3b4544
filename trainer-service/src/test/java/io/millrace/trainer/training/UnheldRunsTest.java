// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.trainer.Patience;
import io.millrace.trainer.pool.PoolView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnheldRunsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Patience patience = new Patience(Duration.ofMillis(1), Duration.ofMillis(1));
    private final Trainer.Tools tools =
            new Trainer.Tools(null, null, new RunQueue(), null, null, null, null, patience, null);
    private final AtomicInteger looks = new AtomicInteger();

    @AfterEach
    void stop() {
        patience.stop();
    }

    @Test
    void looksAgainAfterAFaultThatNobodyExpected() {
        UnheldRuns unheld = new UnheldRuns(tools, () -> {
            if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("a fault");
            }
            return new PoolView(false, List.of(), Map.of());
        });
        unheld.start();

        await().atMost(SOON).until(() -> looks.get() > 1);
        assertThat(unheld.died()).isFalse();
    }

    @Test
    void hasDiedWhenItsThreadEndedAndNobodyAskedTheProcessToStop() {
        UnheldRuns unheld = new UnheldRuns(tools, () -> {
            throw new NoClassDefFoundError("an error");
        });
        assertThat(unheld.died()).as("before it starts").isFalse();
        unheld.start();

        await().dontCatchUncaughtExceptions().atMost(SOON).until(unheld::died);
        patience.stop();
        assertThat(unheld.died()).isFalse();
    }
}
