// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How long a client of gRPC waits: {@code 100m} (<a href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">Timeout</a>). */
final class GrpcTimeout {
    private GrpcTimeout() {}

    /** Whole milliseconds, at least 1; empty where it makes no sense. */
    static Optional<Long> millis(String timeout) {
        if (!timeout.matches("\\d{1,8}[HMSmun]")) {
            return Optional.empty();
        }
        TimeUnit unit =
                switch (timeout.charAt(timeout.length() - 1)) {
                    case 'H' -> TimeUnit.HOURS;
                    case 'M' -> TimeUnit.MINUTES;
                    case 'S' -> TimeUnit.SECONDS;
                    case 'm' -> TimeUnit.MILLISECONDS;
                    case 'u' -> TimeUnit.MICROSECONDS;
                    default -> TimeUnit.NANOSECONDS;
                };
        long count = Long.parseLong(timeout.substring(0, timeout.length() - 1));
        return Optional.of(Math.max(1, unit.toMillis(count)));
    }
}
