// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.dataset.Configs;
import io.millrace.dataset.DatasetConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCatalogTest {
    private static final Decoders DECODERS = new Decoders();

    @AfterAll
    static void stop() {
        DECODERS.close();
    }

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path cache;

    private static DatasetCatalog catalog(DatasetConfig config) {
        return new DatasetCatalog(new Uploads(config, DECODERS), DECODERS, config);
    }

    @Test
    void aMirrorThatIsSlowIsNotInTheWayOfDrawnSamples() throws Exception {
        // Given a mirror that takes connections and never answers
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            DatasetCatalog catalog = catalog(Configs.of(Map.of(
                    "cache-dir",
                    cache.toString(),
                    "mirrors",
                    "http://127.0.0.1:" + silent.getLocalPort() + "/",
                    "download-timeout",
                    "1h")));
            try {
                CompletableFuture<DataSource> slow = catalog.request("mnist");

                // When
                DataSource drawn = DatasetCatalog.await(catalog.request("strokes", 30, 10), PATIENCE);

                // Then
                assertThat(drawn.info().trainSamples()).isEqualTo(30);
                assertThat(slow).isNotDone();
            } finally {
                catalog.close();
            }
        }
    }

    @Test
    void whatIsInADataSetIsSaidWhenItIsThere() throws Exception {
        DatasetCatalog catalog = catalog(Configs.of(
                Map.of("data-dir", IdxFixtures.writeSet(cache, 30, 12, true).toString())));
        try {
            assertThat(catalog.list())
                    .extracting(DatasetCatalog.Availability::state)
                    .startsWith(DatasetCatalog.Availability.State.UNTRIED);
            assertThat(catalog.contents("fashion-mnist")).isEmpty();

            DatasetCatalog.await(catalog.request("fashion-mnist"), PATIENCE);

            Contents contents = catalog.contents("fashion-mnist").orElseThrow();
            assertThat(contents.kind()).isEqualTo("IDX files");
            assertThat(contents.shape()).isEqualTo("1x28x28");
            assertThat(contents.classes()).contains(new Contents.OfClass("Ankle boot", 3, 1));
        } finally {
            catalog.close();
        }
    }

    @Test
    void moreDrawnSamplesThanMemoryHasRoomForAreUnavailable() {
        DatasetCatalog catalog = catalog(Configs.of(Map.of()));
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
