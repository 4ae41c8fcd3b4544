// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Configurations for tests. */
public final class Configs {
    private Configs() {}

    /** What the service would see with these keys, each below {@code millrace.dataset.}, and defaults. */
    public static DatasetConfig of(Map<String, String> values) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .addSystemSources()
                .withMapping(DatasetConfig.class);
        values.forEach((key, value) -> builder.withDefaultValue("millrace.dataset." + key, value));
        return builder.build().getConfigMapping(DatasetConfig.class);
    }
}
