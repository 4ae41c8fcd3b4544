// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory for all bodies at one time. A body takes its part as it comes, so that many large ones are turned away instead of
 * filling the heap, and those that are only announced take nothing; one that is alone always fits. Thread-safe.
 */
public final class BodyBudget {
    private static final int UNAVAILABLE = 503;
    private static final String RETRY_SECONDS = "1";

    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    /** A budget of so many bytes; a service whose own it is makes it a bean. */
    public BodyBudget(long bytes) {
        this.bytes = bytes;
    }

    /** A quarter of the heap. */
    public BodyBudget() {
        this(Runtime.getRuntime().maxMemory() / 4);
    }

    /**
     * Takes a part, to be given back when the request ends; answers whether there was room.
     *
     * @param held what the body has taken before
     */
    boolean take(long held, long part) {
        long all = taken.addAndGet(part);
        if (all > bytes && all > held + part) {
            taken.addAndGet(-part);
            return false;
        }
        return true;
    }

    /** Gives a part back. */
    void give(long part) {
        taken.addAndGet(-part);
    }

    /** Turns a request away for which there is no room. */
    void refuse(RoutingContext routing, EarlyAnswer answer) {
        routing.response().putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        String detail = "the bodies of other requests take all of the " + bytes
                + " bytes that there are for them; try again in a moment";
        answer.send(routing, Problem.of(UNAVAILABLE, detail), EarlyAnswer.Cause.MEMORY);
    }
}
