// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** Settings of the trainer. What a run is trained with stands in its recipe, not here. */
@ConfigMapping(prefix = "millrace.trainer")
public interface TrainerConfig {
    /**
     * Native threads that one step of a run uses which begins here; all processors unless set. A run keeps what it began
     * with.
     */
    Optional<@Min(value = 1, message = "is ${validatedValue}; it must be at least 1") Integer> threads();

    /**
     * What runs are computed on that begin here: {@code cpu}, {@code cuda:N}, {@code mps}, or {@code auto}, the first GPU
     * where there is one, else the processor. A run keeps the kind of device that it began with.
     */
    @WithDefault("auto")
    @Pattern(
            regexp = "auto|cpu|cuda(:\\d{1,3})?|mps",
            message = "is ${validatedValue}; it must be auto, cpu, cuda:N or mps")
    String device();

    /** Memory that training may take; a run that takes more is refused. What the device or the machine has unless set. */
    Optional<MemorySize> memoryLimit();

    /** Steps between two readings of the loss; a loss that is not finite is noticed at most so many steps late. */
    @WithDefault("10")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int statsEverySteps();

    /** Time between two statuses of a running run. */
    @WithDefault("2s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
    Duration statusEvery();

    /** The part of its batches that a run may lose, 0 to 1; one that loses more fails at once. */
    @WithDefault("0.01")
    @DecimalMin(value = "0", message = "is ${validatedValue}; it must be from 0 to 1")
    @DecimalMax(value = "1", message = "is ${validatedValue}; it must be from 0 to 1")
    double maxLostRatio();

    /** The pool that this worker is of. */
    Pool pool();

    /** Where is kept what was measured for precision {@code auto}; in the store unless set. */
    Optional<Path> calibration();

    /**
     * Where weights are kept that runs start from; unless set, {@code weights} in the store's directory, or {@code
     * millrace-weights} among the temporary files where the store is none.
     */
    Optional<Path> weightsDir();

    /** How long a server with weights may take to connect, and between two pieces of data. */
    @WithDefault("10s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
    Duration downloadTimeout();

    /** How long a termination may take to write a checkpoint. */
    @WithDefault("20s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
    Duration shutdownTimeout();

    /** A termination writes a checkpoint when at least so many steps would be lost otherwise. */
    @WithDefault("5")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int shutdownCheckpointSteps();

    /** First and longest time between two attempts to reach a broker or a store. */
    Retry retry();

    /** What is read ahead of the training thread. */
    Prefetch prefetch();

    /** Who shares the runs. */
    interface Pool {
        /** The consumer group at the broker; all trainers of one are one pool. */
        @WithDefault("trainer-service")
        @NotBlank(message = "is empty; it must be the name of a group")
        String group();

        /** How this worker is called where people look; host and port unless set. */
        Optional<String> worker();

        /** How much this worker counts for the teams' shares: its devices. */
        @WithDefault("1")
        @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
        int slots();
    }

    /** Times between attempts. */
    interface Retry {
        /** After the first failure; doubled after each further one. */
        @WithDefault("500ms")
        @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
        Duration first();

        /** The longest. */
        @WithDefault("30s")
        @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
        Duration longest();
    }

    /** Bounds of the queue between reading and training. */
    interface Prefetch {
        /** Decoded steps that may wait. */
        @WithDefault("16")
        @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
        int steps();

        /** Bytes of images that may wait, those included whose step is not whole yet. */
        @WithDefault("64M")
        MemorySize bytes();
    }
}
