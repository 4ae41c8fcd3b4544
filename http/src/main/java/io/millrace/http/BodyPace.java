// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import java.time.Duration;

/**
 * How fast a client has to send a body. Time-outs between two reads alone would let a byte every few seconds hold a connection for
 * ever.
 *
 * @param patience how long nothing may come; and for how long nothing is asked of the rate
 * @param bytesPerSecond over all of the time beyond that, at least
 */
record BodyPace(Duration patience, long bytesPerSecond) {
    private static final double NANOS_PER_SECOND = 1e9;

    BodyPace {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "millrace.http.min-body-rate is " + bytesPerSecond + "; it must be at least 1 byte a second");
        }
    }

    /**
     * Nanoseconds until it is too late if nothing more comes; none or fewer: it is.
     *
     * @param bytes that have come
     * @param latest when the last of them came, in nanoseconds since the request's head
     * @param now in nanoseconds since the request's head
     */
    long left(long bytes, long latest, long now) {
        return Math.min(latest + patience.toNanos(), allowed(bytes)) - now;
    }

    private long allowed(long bytes) {
        return patience.toNanos() + (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
    }

    /** What is said to a client that was too slow. */
    String missed(long bytes, long latest, long now) {
        if (now >= latest + patience.toNanos()) {
            return "nothing came for " + patience.toSeconds() + " s after " + bytes + " bytes of the body";
        }
        return bytes + " bytes of the body came in " + now / (long) NANOS_PER_SECOND + " s; after the first "
                + patience.toSeconds() + " s at least " + bytesPerSecond + " bytes a second are expected";
    }
}
