// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Positive;
import java.util.Map;

/** Among whom the pool of workers is shared, {@code millrace.teams.<name>.…}: the same for all services. */
@ConfigMapping(prefix = "millrace.teams")
public interface TeamsConfig {
    /** By their names. */
    @WithParentName
    Map<String, Share> teams();

    /** What a team has. */
    interface Share {
        /** Its part of what is left when all have what they are guaranteed. */
        @WithDefault("1")
        @Positive(message = "is ${validatedValue}; it must be above 0")
        double weight();

        /** Slots that it gets before any team gets more than what it is guaranteed. */
        @WithDefault("0")
        @Min(value = 0, message = "is ${validatedValue}; it must be at least 0")
        int quota();
    }
}
