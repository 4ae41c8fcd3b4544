// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.Calibration;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.store.StoreAddress.InDirectory;
import io.millrace.store.StoreConfig;
import io.millrace.trainer.pool.Capacity;
import io.millrace.trainer.pool.PoolGroup;
import io.millrace.trainer.pool.Team;
import io.millrace.trainer.start.WeightsCache;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.Trainer;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts the trainer together, starts it with the process and stops it with it. */
@ApplicationScoped
public class TrainerService {
    /** A step that cannot be interrupted, and the clients' own farewells. */
    private static final Duration GRACE = Duration.ofSeconds(10);
    /** Exit status of a process that did not end in order. */
    private static final int HALTED = 1;

    private final TrainerConfig config;
    private final StoreConfig checkpoints;
    private final KafkaConnection connection;

    TrainerService(TrainerConfig config, StoreConfig checkpoints, KafkaConnection connection) {
        this.config = config;
        this.checkpoints = checkpoints;
        this.connection = connection;
    }

    @Produces
    @Singleton
    RunQueue queue() {
        return new RunQueue();
    }

    @Produces
    @Singleton
    PoolGroup pool(RunQueue queue, TeamsConfig teams, @ConfigProperty(name = "quarkus.http.port") int port) {
        return new PoolGroup(
                connection,
                config.pool().group(),
                config.pool().worker().orElseGet(() -> host() + ":" + port),
                new Capacity(config.pool().slots(), memory()),
                teams.teams().entrySet().stream()
                        .map(team -> new Team(
                                team.getKey(),
                                team.getValue().weight(),
                                team.getValue().quota()))
                        .toList(),
                queue::demands);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** A GPU's is known when the engine is loaded, which takes longer than to join. */
    private Long memory() {
        return config.memoryLimit().map(MemorySize::asLongValue).orElse(null);
    }

    @Produces
    @Singleton
    Trainer trainer(
            RunQueue queue, PoolGroup group, CheckpointStore store, BrokerWatch broker, TrainerMetrics metrics) {
        Patience patience = new Patience(config.retry().first(), config.retry().longest());
        return new Trainer(
                new Trainer.Tools(
                        config,
                        connection,
                        queue,
                        group.pool(),
                        store,
                        config.calibration()
                                .map(file -> new Calibration(file, Log::info))
                                .orElseGet(() -> new Calibration(store, Log::info)),
                        new WeightsCache(weights(), config.downloadTimeout(), patience::stopping),
                        patience,
                        metrics),
                group,
                broker,
                () -> Quarkus.asyncExit(HALTED));
    }

    /** Downloads that are kept; where the store is no directory, as long as this machine keeps its temporary files. */
    private Path weights() {
        return config.weightsDir()
                .orElseGet(() -> checkpoints.uri() instanceof InDirectory directory
                        ? directory.path().resolve("weights")
                        : Path.of(System.getProperty("java.io.tmpdir"), "millrace-weights"));
    }

    void start(
            @Observes StartupEvent event,
            Trainer trainer,
            CheckpointStore store,
            PoolGroup pool,
            TrainerMetrics metrics) {
        Log.infof(
                "Configuration. bootstrapServers=%s checkpoints=%s threads=%s prefetchSteps=%d prefetchBytes=%d statsEverySteps=%d maxLostRatio=%s",
                connection.bootstrapServers(),
                checkpoints.uri(),
                config.threads().map(String::valueOf).orElse("all"),
                config.prefetch().steps(),
                config.prefetch().bytes().asLongValue(),
                config.statsEverySteps(),
                config.maxLostRatio());
        if (checkpoints.uri() instanceof InDirectory) {
            requireWritable(store);
        }
        config.threads().ifPresent(threads -> System.setProperty(Torch.THREADS_PROPERTY, Integer.toString(threads)));
        metrics.follow(pool);
        trainer.start();
    }

    /** Of a directory that makes no sense. A store in the network may come back: the training thread waits for it. */
    private void requireWritable(CheckpointStore store) {
        try {
            store.requireWritable();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "millrace.checkpoints.uri is \"" + checkpoints.uri()
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
