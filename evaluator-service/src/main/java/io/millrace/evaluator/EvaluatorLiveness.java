// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/**
 * Alive until the work queue stands still for good, which only an error of this program or of the machine brings about;
 * a new process goes on where this one stopped. A broker that is away and a checkpoint that takes its time are no reason.
 */
@Liveness
@Singleton
public class EvaluatorLiveness implements HealthCheck {
    private volatile String reason;

    /** Notes that no further checkpoint will be taken up by this process. */
    void stopped(Throwable cause) {
        reason = cause.toString();
    }

    @Override
    public HealthCheckResponse call() {
        String why = reason;
        HealthCheckResponseBuilder response = HealthCheckResponse.named("checkpoints");
        return why == null
                ? response.up().build()
                : response.down().withData("reason", why).build();
    }
}
