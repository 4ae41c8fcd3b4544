// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import io.millrace.inference.ticket.Ticket;
import io.millrace.model.Predictions;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The images of one request on their way through the network, in one call or several. It ends when no call of the network has any of
 * them any more, since its lease on the model ends with it. Thread-safe.
 */
final class Job {
    private final Ticket ticket;
    private final List<byte[]> images;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final long submittedAt = System.nanoTime();
    private long begunAt;
    private long inferNanos;
    private int given;
    private int running;
    private int answered;
    private float[] logits;
    private int classes;
    private Throwable failure;

    /** Some of a job's images, in one call. */
    record Slice(Job job, int from, int to) {
        List<byte[]> images() {
            return job.images.subList(from, to);
        }

        int size() {
            return to - from;
        }
    }

    /**
     * A job.
     *
     * @param images uint8 {@code [C,H,W]} each, at least one
     */
    Job(Ticket ticket, List<byte[]> images) {
        this.ticket = ticket;
        this.images = images;
    }

    Ticket ticket() {
        return ticket;
    }

    CompletableFuture<Answer> answer() {
        return answer;
    }

    /** Images that no call has yet. */
    synchronized int waiting() {
        return failure == null ? images.size() - given : 0;
    }

    /** The next images, to be answered or failed. */
    synchronized Slice take(int most) {
        if (begunAt == 0) {
            begunAt = System.nanoTime();
        }
        int from = given;
        given = Math.min(images.size(), from + most);
        running++;
        return new Slice(this, from, given);
    }

    /** How long it waited for its first call. */
    synchronized long queueNanos() {
        return begunAt - submittedAt;
    }

    /**
     * A call has ended.
     *
     * @param predictions of several jobs' images
     * @param at of the first image of the slice among them
     */
    void answered(Slice slice, Predictions predictions, int at, long nanos) {
        synchronized (this) {
            if (logits == null) {
                classes = predictions.classes();
                logits = new float[images.size() * classes];
            }
            System.arraycopy(predictions.logits(), at * classes, logits, slice.from * classes, slice.size() * classes);
            inferNanos += nanos;
            answered += slice.size();
            running--;
        }
        end();
    }

    /** A call has failed: no other is made. */
    void failed(Throwable reason) {
        synchronized (this) {
            running--;
            failure = failure == null ? reason : failure;
        }
        end();
    }

    /** Nobody waits for it any more: no further call is made. */
    void drop(Throwable reason) {
        synchronized (this) {
            failure = failure == null ? reason : failure;
        }
        end();
    }

    private void end() {
        Answer found = null;
        Throwable reason;
        synchronized (this) {
            if (running > 0) {
                return;
            }
            reason = failure;
            if (reason == null && answered < images.size()) {
                return;
            } else if (reason == null) {
                found = new Answer(new Predictions(logits, classes), queueNanos(), inferNanos);
            }
        }
        if (reason == null) {
            answer.complete(found);
        } else {
            answer.completeExceptionally(reason);
        }
    }
}
