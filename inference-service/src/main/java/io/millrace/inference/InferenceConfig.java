// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** Settings of this service. A value out of range ends the start, naming key and value. */
@ConfigMapping(prefix = "millrace.inference")
public interface InferenceConfig {
    /** Name of the model to serve; without one, whichever was promoted last. */
    Optional<String> model();

    /** Threads that run the network. Each call uses all cores already. */
    @WithDefault("1")
    @Min(1)
    @Max(256)
    int workers();

    /** Requests that are taken but not answered yet; one more gets 503. */
    @WithDefault("256")
    @Min(1)
    @Max(1_000_000)
    int maxPending();

    /** Memory for the bodies of all requests at one time; one that does not fit gets 503. Without: a quarter of the heap. */
    Optional<MemorySize> maxBodyMemory();

    /** Images in one request. */
    @WithDefault("256")
    @Min(1)
    @Max(4096)
    int maxImages();

    /** Largest width × height of an image before it is scaled. */
    @WithDefault("16000000")
    @Min(1)
    @Max(400_000_000)
    int maxPixels();

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
