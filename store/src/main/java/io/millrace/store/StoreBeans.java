// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.ObjectCheckpointStore;
import io.millrace.model.checkpoint.StoredRuns;
import io.millrace.store.StoreAddress.InDirectory;
import io.millrace.store.StoreAddress.InS3;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** The one store of a service, and the watch on it. */
@Singleton
class StoreBeans {
    /** With the time that an answer may take, a failure is known within 5 s. */
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final StoreAddress address;
    private final StoreConfig config;
    private S3Connection connection;

    /** @throws IllegalArgumentException naming key and value of what makes no sense */
    StoreBeans(StoreConfig config) {
        config.dir().ifPresent(dir -> {
            throw new IllegalArgumentException("millrace.checkpoints.dir is \"" + dir
                    + "\"; that setting is gone. Write millrace.checkpoints.uri=file:/absolute/path in its place");
        });
        this.address = config.uri();
        this.config = config;
    }

    private synchronized S3Connection connection() {
        if (connection == null) {
            connection = new S3Connection(S3Settings.of(config.s3()));
        }
        return connection;
    }

    @Produces
    @Singleton
    CheckpointStore store() {
        if (address instanceof InDirectory directory) {
            return new DirectoryCheckpointStore(directory.path());
        }
        return new ObjectCheckpointStore(new S3Storage((InS3) address, connection()));
    }

    @Produces
    @Singleton
    StoredRuns runs() {
        return address instanceof InDirectory directory
                ? StoredRuns.in(directory.path())
                : new StoredRuns(new S3Storage((InS3) address, connection()));
    }

    @Produces
    @Singleton
    StoreWatch watch() {
        StoreWatch watch = new StoreWatch(address, () -> connection().check((InS3) address), EVERY);
        return address instanceof InS3 ? watch.start() : watch;
    }

    /** Asking for both makes both, so that settings that make no sense end the start. */
    void start(@Observes StartupEvent event, CheckpointStore store, StoreWatch watch) {}

    void stop(@Disposes StoreWatch watch) {
        watch.close();
    }
}
