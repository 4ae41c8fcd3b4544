// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.health;

import io.millrace.inference.batch.Batchers;
import io.millrace.inference.decode.Decoders;
import io.millrace.inference.registry.ModelSwitch;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Startup;

/** Started and alive as long as the threads that decode, classify and load are. Only a restart would bring a lost one back. */
@Liveness
@Startup
@Singleton
final class ThreadsLiveness implements HealthCheck {
    private final Decoders decoders;
    private final Batchers batchers;
    private final ModelSwitch modelSwitch;

    ThreadsLiveness(Decoders decoders, Batchers batchers, ModelSwitch modelSwitch) {
        this.decoders = decoders;
        this.batchers = batchers;
        this.modelSwitch = modelSwitch;
    }

    @Override
    public HealthCheckResponse call() {
        boolean decode = decoders.alive();
        boolean classify = batchers.alive();
        boolean load = modelSwitch.alive();
        return HealthCheckResponse.named("threads")
                .status(decode && classify && load)
                .withData("decoders", decode)
                .withData("workers", classify)
                .withData("model-switch", load)
                .build();
    }
}
