// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.Calibration;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.trainer.start.WeightsCache;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.Trainer;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Puts the trainer together, starts it with the process and stops it with it. */
@ApplicationScoped
public class TrainerService {
    /** A step that cannot be interrupted, and the clients' own farewells. */
    private static final Duration GRACE = Duration.ofSeconds(10);
    /** Exit status of a process that did not end in order. */
    private static final int HALTED = 1;

    private final TrainerConfig config;
    private final CheckpointConfig checkpoints;
    private final KafkaConnection connection;

    TrainerService(TrainerConfig config, CheckpointConfig checkpoints, KafkaConnection connection) {
        this.config = config;
        this.checkpoints = checkpoints;
        this.connection = connection;
    }

    @Produces
    @Singleton
    RunQueue queue() {
        return new RunQueue(config.takeoverAfter());
    }

    @Produces
    @Singleton
    CheckpointStore store() {
        return new DirectoryCheckpointStore(checkpoints.dir());
    }

    @Produces
    @Singleton
    Trainer trainer(RunQueue queue, CheckpointStore store, BrokerWatch broker, TrainerMetrics metrics) {
        Path calibration = config.calibration().orElse(checkpoints.dir().resolve("calibration.json"));
        Path weights = config.weightsDir().orElse(checkpoints.dir().resolve("weights"));
        Patience patience = new Patience(config.retry().first(), config.retry().longest());
        return new Trainer(
                new Trainer.Tools(
                        config,
                        connection,
                        queue,
                        store,
                        new Calibration(calibration, Log::info),
                        new WeightsCache(weights, config.downloadTimeout(), patience::stopping),
                        patience,
                        metrics),
                broker,
                () -> Quarkus.asyncExit(HALTED));
    }

    void start(@Observes StartupEvent event, Trainer trainer, CheckpointStore store) {
        Log.infof(
                "Configuration. bootstrapServers=%s checkpoints=%s threads=%s prefetchSteps=%d prefetchBytes=%d statsEverySteps=%d maxLostRatio=%s",
                connection.bootstrapServers(),
                checkpoints.dir().toAbsolutePath(),
                config.threads().map(String::valueOf).orElse("all"),
                config.prefetch().steps(),
                config.prefetch().bytes().asLongValue(),
                config.statsEverySteps(),
                config.maxLostRatio());
        requireWritable(store);
        config.threads().ifPresent(threads -> System.setProperty(Torch.THREADS_PROPERTY, Integer.toString(threads)));
        trainer.start();
    }

    private void requireWritable(CheckpointStore store) {
        try {
            store.requireWritable();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "millrace.checkpoints.dir is \"" + checkpoints.dir()
                            + "\"; it must be a directory that can be written: " + e,
                    e);
        }
    }

    void stop(@Observes ShutdownEvent event, Trainer trainer, BrokerWatch broker) {
        Duration patience = config.shutdownTimeout().plus(GRACE);
        // First, so that a trainer that still waits for the broker does not do so until its patience ends.
        broker.close();
        if (!trainer.stop(patience)) {
            // An orderly exit would tear PyTorch down under a step that still runs, which crashes. It is as after a
            // kill: checkpoints are whole or not there, and whatever was not acknowledged comes again.
            Log.errorf("The step at hand did not end within %d s; the process ends without it", patience.toSeconds());
            Runtime.getRuntime().halt(HALTED);
        }
    }
}
