// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.contracts.ConsumerGroups;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventLog;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.trainer.checkpoint.Retry;
import io.millrace.trainer.consume.ReaderSettings;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.Trainer;
import io.millrace.trainer.training.TrainerSettings;
import io.millrace.trainer.training.Workshop;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts the trainer together, starts it with the process and stops it with it. */
@ApplicationScoped
public class TrainerService {
    static final String GROUP = ConsumerGroups.TRAINER;
    /** A step that cannot be interrupted, and the clients' own farewells. */
    private static final Duration GRACE = Duration.ofSeconds(10);
    /** Exit status of a process that did not end in order. */
    private static final int HALTED = 1;

    private final TrainerConfig config;
    private final CheckpointConfig checkpoints;
    private final String bootstrapServers;

    TrainerService(
            TrainerConfig config,
            CheckpointConfig checkpoints,
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers) {
        this.config = config;
        this.checkpoints = checkpoints;
        this.bootstrapServers = bootstrapServers;
    }

    @Produces
    @Singleton
    RunQueue queue() {
        return new RunQueue(() -> EventLog.readAll(bootstrapServers, Topic.RUNS, RunSpec.class));
    }

    @Produces
    @Singleton
    BrokerWatch broker() {
        return new BrokerWatch(bootstrapServers);
    }

    @Produces
    @Singleton
    Trainer trainer(RunQueue queue, BrokerWatch broker, TrainerEvents events, TrainerMetrics metrics) {
        return new Trainer(
                new Workshop(
                        settings(),
                        queue,
                        new DirectoryCheckpointStore(checkpoints.dir()),
                        events,
                        events,
                        metrics,
                        metrics,
                        metrics,
                        new CountDownLatch(1)),
                broker,
                () -> Quarkus.asyncExit(HALTED));
    }

    private TrainerSettings settings() {
        return new TrainerSettings(
                new ReaderSettings(
                        bootstrapServers,
                        GROUP,
                        config.prefetch().steps(),
                        config.prefetch().bytes().asLongValue(),
                        config.commitEvery()),
                checkpoints.dir(),
                config.statsEverySteps(),
                config.statusEvery(),
                new Retry(config.retry().first(), config.retry().longest()),
                config.shutdownTimeout(),
                config.shutdownCheckpointSteps());
    }

    void start(@Observes StartupEvent event, Trainer trainer) {
        Log.infof(
                "Configuration. bootstrapServers=%s checkpoints=%s threads=%s prefetchSteps=%d prefetchBytes=%d statsEverySteps=%d",
                bootstrapServers,
                checkpoints.dir().toAbsolutePath(),
                config.threads().map(String::valueOf).orElse("all"),
                config.prefetch().steps(),
                config.prefetch().bytes().asLongValue(),
                config.statsEverySteps());
        requireWritableStore();
        config.threads().ifPresent(threads -> System.setProperty(Torch.THREADS_PROPERTY, Integer.toString(threads)));
        trainer.start();
    }

    private void requireWritableStore() {
        try {
            new DirectoryCheckpointStore(checkpoints.dir()).requireWritable();
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
