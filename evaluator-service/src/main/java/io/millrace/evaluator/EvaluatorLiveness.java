// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import jakarta.inject.Singleton;
import java.util.function.IntConsumer;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/**
 * Alive until a thread ends that the service needs, which only an error of this program or of the machine brings about; a
 * new process goes on where this one stopped. So the process ends then: whatever runs it restarts what has ended, and not
 * everything that runs it asks for the liveness. A broker that is away and a checkpoint that takes its time are no reason.
 */
@Liveness
@Singleton
public class EvaluatorLiveness implements HealthCheck {
    private final IntConsumer exit;
    private volatile String reason;

    EvaluatorLiveness() {
        this(Quarkus::asyncExit);
    }

    EvaluatorLiveness(IntConsumer exit) {
        this.exit = exit;
    }

    /** Ends the process, since no further checkpoint would be taken up by it. */
    void stopped(Throwable cause) {
        Log.fatal("No further checkpoint is evaluated by this process; it ends", cause);
        reason = cause.toString();
        exit.accept(1);
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
