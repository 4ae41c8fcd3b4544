// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;

class EvaluatorLivenessTest {
    private final List<Integer> exits = new ArrayList<>();
    private final EvaluatorLiveness liveness = new EvaluatorLiveness(exits::add);

    @Test
    void itIsAliveUntilAThreadThatItNeedsEnds() {
        assertThat(liveness.call().getStatus()).isEqualTo(HealthCheckResponse.Status.UP);

        // When
        liveness.stopped(new AssertionError("broken"));

        // Then the process ends, and is not alive until it has
        assertThat(exits).containsExactly(1);
        assertThat(liveness.call().getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
        assertThat(liveness.call().getData().orElseThrow().get("reason"))
                .asString()
                .contains("broken");
    }
}
