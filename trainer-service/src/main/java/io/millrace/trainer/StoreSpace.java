// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.system.DiskSpaceMetrics;
import jakarta.inject.Singleton;

/** Shows how full the checkpoint store is: {@code disk_free_bytes} and {@code disk_total_bytes}. */
@Singleton
class StoreSpace implements MeterBinder {
    private final CheckpointConfig config;

    StoreSpace(CheckpointConfig config) {
        this.config = config;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new DiskSpaceMetrics(config.dir().toAbsolutePath().toFile()).bindTo(registry);
    }
}
