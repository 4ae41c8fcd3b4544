// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** Those who wait until everything has been handed over that is in some topics now. Thread-safe. */
final class CatchUps {
    private final List<CatchUp> waiting = new ArrayList<>();
    private Consumer<?, ?> consumer;
    private boolean closed;

    /** One of them. */
    static final class CatchUp {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        /** Null until somebody has looked. */
        private Map<TopicPartition, Long> ends;
    }

    /**
     * Waits.
     *
     * @return whether the end was reached; if not, there was not enough time, or reading has ended
     */
    boolean await(Duration patience) {
        CatchUp mine = new CatchUp();
        synchronized (this) {
            if (closed) {
                return false;
            }
            waiting.add(mine);
            if (consumer != null) {
                consumer.wakeup();
            }
        }
        try {
            mine.done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } finally {
            synchronized (this) {
                waiting.remove(mine);
            }
        }
    }

    /** A consumer begins to read, and is woken from now on. Nobody waits for its replay, whose end is found like any other. */
    synchronized void begin(Consumer<?, ?> consumer) {
        this.consumer = consumer;
        waiting.add(new CatchUp());
    }

    /** It has ended: what was seen through it holds no more. */
    synchronized void interrupted() {
        consumer = null;
        waiting.forEach(each -> each.ends = null);
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Those who wait for an end that nobody has looked for. */
    synchronized List<CatchUp> asking() {
        return waiting.stream().filter(each -> each.ends == null).toList();
    }

    /** Notes what some of them wait for. */
    synchronized void awaited(List<CatchUp> asking, Map<TopicPartition, Long> ends) {
        asking.forEach(each -> each.ends = ends);
    }

    /**
     * Tells those whose end is reached.
     *
     * @param position of each partition
     * @param before is run before the first of them is told
     */
    void settle(ToLongFunction<TopicPartition> position, Runnable before) {
        List<CatchUp> there;
        synchronized (this) {
            there = waiting.stream()
                    .filter(each -> each.ends != null
                            && each.ends.entrySet().stream()
                                    .allMatch(end -> position.applyAsLong(end.getKey()) >= end.getValue()))
                    .toList();
        }
        if (!there.isEmpty()) {
            before.run();
            synchronized (this) {
                waiting.removeAll(there);
            }
            there.forEach(each -> each.done.complete(null));
        }
    }

    /** Reading ends for good; whoever waits is told so. */
    synchronized void close() {
        closed = true;
        waiting.forEach(each -> each.done.completeExceptionally(new IllegalStateException("closed")));
    }
}
