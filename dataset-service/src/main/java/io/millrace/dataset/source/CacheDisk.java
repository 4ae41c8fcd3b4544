// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.dataset.DatasetConfig;
import io.millrace.http.system.DiskPlace;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Downloads and uploads are what grows here. */
final class CacheDisk {
    private CacheDisk() {}

    @Produces
    @Singleton
    static DiskPlace cache(DatasetConfig config) {
        return new DiskPlace("data sets", Optional.of(config.cacheDir()));
    }
}
