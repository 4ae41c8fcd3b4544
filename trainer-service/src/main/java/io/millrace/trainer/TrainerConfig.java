// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** Settings of the trainer. What a run is trained with stands in its recipe, not here. */
@ConfigMapping(prefix = "millrace.trainer")
public interface TrainerConfig {
    /** Native threads that one step uses; all processors unless set. Equal weights need equal threads. */
    Optional<@Min(value = 1, message = "is ${validatedValue}; it must be at least 1") Integer> threads();

    /** Steps between two readings of the loss; a loss that is not finite is noticed at most so many steps late. */
    @WithDefault("10")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int statsEverySteps();

    /** Time between two statuses of a running run. */
    @WithDefault("2s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
    Duration statusEvery();

    /** Time between two commits of the group's position, for lag and pacing. */
    @WithDefault("1s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
    Duration commitEvery();

    /** How long a termination may take to write a checkpoint. */
    @WithDefault("20s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be positive")
    Duration shutdownTimeout();

    /** A termination writes a checkpoint when at least so many steps would be lost otherwise. */
    @WithDefault("5")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int shutdownCheckpointSteps();

    /** First and longest time between two attempts to write or announce a checkpoint. */
    Retry retry();

    /** What is read ahead of the training thread. */
    Prefetch prefetch();

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

        /** Bytes of images that may wait. */
        @WithDefault("64M")
        MemorySize bytes();
    }
}
