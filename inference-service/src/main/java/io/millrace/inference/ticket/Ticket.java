// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import io.millrace.inference.problem.GoneException;
import io.millrace.inference.problem.LateException;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One request from its head on. It is over when its deadline passed or its client left: whoever works for it stops then, or does not
 * begin. Thread-safe.
 */
public final class Ticket {
    private static final String KEY = Ticket.class.getName();

    /** What a request waits for. */
    public enum Stage {
        BODY("its body had not come"),
        DECODING("its images were not decoded"),
        NETWORK("the network had not answered"),
        EXPLANATION("the answer was not explained"),
        KEEPING("the broker had not confirmed what was said");

        private final String missing;

        Stage(String missing) {
            this.missing = missing;
        }
    }

    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile Stage stage = Stage.BODY;
    private volatile long whole = System.nanoTime();
    private volatile byte[] body = {};

    /** The ticket of a request, which every POST has. */
    public static Ticket of(RoutingContext routing) {
        return routing.get(KEY);
    }

    /** Makes it the ticket of a request. */
    void keep(RoutingContext routing) {
        routing.put(KEY, this);
    }

    /** Its body has come, as whole as it will. */
    void arrived(byte[] bytes) {
        body = bytes;
        whole = System.nanoTime();
        stage = Stage.DECODING;
    }

    /** The bytes of its body; not copied, not to be changed. */
    public byte[] body() {
        return body;
    }

    /** When its body had come, {@link System#nanoTime()}. */
    public long wholeAt() {
        return whole;
    }

    /** Says what it waits for from now on. */
    public void waitsFor(Stage next) {
        stage = next;
    }

    boolean waitsForBody() {
        return stage == Stage.BODY;
    }

    /** The deadline has passed. */
    LateException late(Duration patience) {
        LateException late = new LateException("no answer within " + patience.toMillis() + " ms: " + stage.missing
                + "; try again in a moment, or allow more (" + TicketDesk.TIMEOUT_HEADER + ")");
        over.completeExceptionally(late);
        return late;
    }

    /** The client left, or has its answer. */
    void left() {
        over.completeExceptionally(new GoneException());
    }

    /** Whether nobody waits any more. */
    public boolean isOver() {
        return over.isDone();
    }

    /** Has somebody told why, once, when it is over; at once where it is. Told on any thread, so it has to be quick. */
    public void onOver(Consumer<RuntimeException> told) {
        over.exceptionally(reason -> {
            told.accept((RuntimeException) unwrapped(reason));
            return null;
        });
    }

    /** What is worked out, or why there is no time for it, whichever comes first; failures as they were thrown. */
    public <T> CompletionStage<T> answer(CompletionStage<T> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        onOver(answer::completeExceptionally);
        work.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(unwrapped(failure));
            }
        });
        return answer;
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
