// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.dataset.Configs;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCatalogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path cache;

    @Test
    void aMirrorThatIsSlowIsNotInTheWayOfDrawnSamples() throws Exception {
        // Given a mirror that takes connections and never answers
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            DatasetCatalog catalog = new DatasetCatalog(Configs.of(Map.of(
                    "cache-dir",
                    cache.toString(),
                    "mirrors",
                    "http://127.0.0.1:" + silent.getLocalPort() + "/",
                    "download-timeout",
                    "1h")));
            try {
                CompletableFuture<ImageSet> slow = catalog.request("mnist");

                // When
                ImageSet drawn = DatasetCatalog.await(catalog.request("strokes", 30, 10), PATIENCE);

                // Then
                assertThat(drawn.train().size()).isEqualTo(30);
                assertThat(slow).isNotDone();
            } finally {
                catalog.close();
            }
        }
    }

    @Test
    void moreDrawnSamplesThanMemoryHasRoomForAreUnavailable() {
        DatasetCatalog catalog = new DatasetCatalog(Configs.of(Map.of()));
        try {
            int tooMany = DatasetCatalog.strokesThatFit();

            assertThatThrownBy(() -> DatasetCatalog.await(catalog.request("strokes", tooMany, 1), PATIENCE))
                    .isInstanceOf(DatasetUnavailableException.class)
                    .hasMessageContaining("do not fit into the service's memory, which has room for " + tooMany);
        } finally {
            catalog.close();
        }
    }
}
