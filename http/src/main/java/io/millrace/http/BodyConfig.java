// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How bodies have to come. How long nothing may come is Quarkus' own setting, {@code quarkus.http.read-timeout}. */
@ConfigMapping(prefix = "millrace.http")
public interface BodyConfig {
    /** Bytes a second that a body has to come with, at least, over all of its time beyond the read timeout; slower is 408. */
    @WithDefault("16K")
    MemorySize minBodyRate();
}
