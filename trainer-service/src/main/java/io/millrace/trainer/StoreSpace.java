// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Space;
import io.millrace.store.StoreAddress.InDirectory;
import io.millrace.store.StoreConfig;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.function.ToLongFunction;

/**
 * Shows how full a checkpoint store in a directory is: {@code disk_free_bytes} and {@code disk_total_bytes}, which others know
 * of Micrometer. A bucket is never full.
 */
@Singleton
class StoreSpace implements MeterBinder {
    private final StoreConfig config;
    private final CheckpointStore store;

    StoreSpace(StoreConfig config, CheckpointStore store) {
        this.config = config;
        this.store = store;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (config.uri() instanceof InDirectory directory) {
            show("disk.free", "Usable space of the checkpoint store", directory, Space::freeBytes, registry);
            show("disk.total", "Total space of the checkpoint store", directory, Space::totalBytes, registry);
        }
    }

    private void show(
            String name, String what, InDirectory directory, ToLongFunction<Space> bytes, MeterRegistry registry) {
        Gauge.builder(name, store, asked -> measured(asked, bytes))
                .description(what)
                .baseUnit(BaseUnits.BYTES)
                .tag("path", directory.path().toString())
                .register(registry);
    }

    private static double measured(CheckpointStore store, ToLongFunction<Space> bytes) {
        try {
            return store.space().map(bytes::applyAsLong).map(Long::doubleValue).orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
