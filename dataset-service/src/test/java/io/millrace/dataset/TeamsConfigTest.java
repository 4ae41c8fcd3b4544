// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TeamsConfigTest {
    /** As a container has it. */
    @Test
    void aTeamCanBeConfiguredByTheEnvironmentAlone() {
        TeamsConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new EnvConfigSource(Map.of("MILLRACE_TEAMS_VISION_WEIGHT", "2"), 300))
                .withMapping(TeamsConfig.class)
                .build()
                .getConfigMapping(TeamsConfig.class);

        assertThat(config.teams()).containsOnlyKeys("vision");
    }
}
