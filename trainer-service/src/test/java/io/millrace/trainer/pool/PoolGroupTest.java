// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The thread that keeps a worker in its group, with clients that fail as no client should: no broker. */
class PoolGroupTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger polls = new AtomicInteger();
    private volatile Throwable fault;
    private final PoolGroup group = new PoolGroup(
            this::consumer, Duration.ofMillis(10), "group", "worker", new Capacity(1, null), List.of(), List::of);

    @AfterEach
    void close() {
        group.close();
    }

    private Consumer<String, byte[]> consumer(Map<String, Object> settings) {
        made.incrementAndGet();
        return new MockConsumer<>("earliest") {
            @Override
            public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
                if (fault instanceof Error error) {
                    throw error;
                }
                if (fault instanceof RuntimeException exception) {
                    throw exception;
                }
                polls.incrementAndGet();
                return super.poll(timeout);
            }

            @Override
            public synchronized void close(CloseOptions option) {
                if (fault != null) {
                    throw new IllegalStateException("a fault in closing");
                }
            }
        };
    }

    @Test
    void joinsAgainAfterAFaultThatNobodyExpectedAndSaysIt() {
        // Given a fault while the group comes together, and another one when it is left
        fault = new IllegalStateException("a fault in handing out");
        group.start();
        await().atMost(SOON).until(() -> made.get() > 1);
        assertThat(group.problem())
                .contains("a fault of the pool: java.lang.IllegalStateException: a fault in handing out");

        // When it is over
        fault = null;

        // Then the worker is of the pool again
        await().atMost(SOON).until(() -> polls.get() > 1);
        await().atMost(SOON).until(() -> group.problem().isEmpty());
        assertThat(group.died()).isFalse();
    }

    @Test
    void hasDiedWhenItsThreadEndedAndNobodyClosedIt() {
        assertThat(group.died()).as("before it starts").isFalse();
        fault = new NoClassDefFoundError("an error");
        group.start();

        await().dontCatchUncaughtExceptions().atMost(SOON).until(group::died);
    }

    @Test
    void hasNotDiedWhenItWasClosed() {
        group.start();
        await().atMost(SOON).until(() -> polls.get() > 0);
        group.close();

        assertThat(group.died()).isFalse();
    }
}
