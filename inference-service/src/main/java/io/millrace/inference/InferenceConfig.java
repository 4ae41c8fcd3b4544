// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Settings of this service. A value out of range ends the start, naming key and value. */
@ConfigMapping(prefix = "millrace.inference")
public interface InferenceConfig {
    /** Name of the model to serve; without one, whichever was promoted last. */
    Optional<String> model();

    /** Weights of a checkpoint to serve, in place of what is promoted: neither Kafka nor the store is asked then. */
    Optional<Path> file();

    /** Processors that the network is computed on, by all workers together; all unless set. */
    Optional<@Min(value = 1, message = "is ${validatedValue}; it must be at least 1") Integer> threads();

    /** Threads that run the network, each on its share of the processors; never more than there are. */
    @WithDefault("1")
    @Min(1)
    @Max(256)
    int workers();

    /** Images in one call of the network, at the most; those of several requests, where more than one waits. */
    @WithDefault("32")
    @Min(1)
    @Max(4096)
    int maxBatch();

    /** How long a call of the network waits for requests that are being decoded; it never waits where there are none. */
    @WithDefault("2ms")
    @DurationMin(millis = 0)
    @DurationMax(seconds = 1)
    Duration batchDelay();

    /** How long an answer may take from the moment that the body has come, where the client does not say; then it gets 504. */
    @WithDefault("2s")
    @DurationMin(millis = 1)
    Duration defaultTimeout();

    /** The most that a client may ask for with {@code X-Request-Timeout-Ms}. */
    @WithDefault("60s")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration maxTimeout();

    /** Requests that are taken but not answered yet; one more gets 503. */
    @WithDefault("256")
    @Min(1)
    @Max(1_000_000)
    int maxPending();

    /**
     * Requests with large pictures (more than 262,144 pixels together, or a body of more than 1 MiB) that wait to be decoded; one more
     * gets 503.
     */
    @WithDefault("32")
    @Min(1)
    @Max(1_000_000)
    int maxLarge();

    /** Memory for the bodies of all requests at one time; one that does not fit gets 503. Without: a quarter of the heap. */
    Optional<MemorySize> maxBodyMemory();

    /** Port for gRPC, over HTTP/2 without TLS; without, there is none. */
    Optional<@Min(0) @Max(65_535) Integer> grpcPort();

    /** Images in one request. */
    @WithDefault("256")
    @Min(1)
    @Max(4096)
    int maxImages();

    /** Largest width × height of an image before it is scaled; a phone's picture has 12 to 50 million. */
    @WithDefault("50000000")
    @Min(1)
    @Max(400_000_000)
    int maxPixels();

    /** Whether the model that was served before stays loaded, so that a rollback takes no time: its memory, once more. */
    @WithDefault("true")
    boolean keepPrevious();

    /** Of how many of the requests that a model answered its shadow is asked, too, where it has one: from 0 to 1. */
    @WithDefault("1")
    @DecimalMin("0")
    @DecimalMax("1")
    double shadowShare();

    /**
     * After how many failed attempts at a promoted checkpoint that is counted, logged as an error, and, where nothing is
     * served yet, the one before is loaded. A shared volume may show a file late, so the attempts go on.
     */
    @WithDefault("6")
    @Min(1)
    @Max(1000)
    int loadAttempts();

    /** Pause after the first failed attempt; it doubles up to {@link #maxLoadBackoff()}. */
    @WithDefault("500ms")
    @DurationMin(millis = 1)
    Duration loadBackoff();

    /** Longest pause between two attempts. */
    @WithDefault("15s")
    @DurationMin(millis = 1)
    Duration maxLoadBackoff();
}
