// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.stack.Part;
import io.millrace.local.watch.Samples;
import io.millrace.local.watch.Snapshot;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaunchTest {
    private static final Snapshot UNKNOWN =
            new Snapshot(Optional.empty(), Optional.empty(), List.of(), Optional.empty(), false);
    private static final Snapshot KNOWN = Samples.snapshot(Samples.order("RUNNING"), List.of(), null);

    private final List<Part> started = new ArrayList<>();
    private final List<Map<String, String>> configurations = new ArrayList<>();
    private final Set<Part> ready = EnumSet.noneOf(Part.class);

    private Launch launch(Optional<String> model) {
        return new Launch(model, List.of(Part.TRAINER), this::start, ready::contains);
    }

    private void start(Part part, Map<String, String> configuration) {
        started.add(part);
        configurations.add(configuration);
    }

    @Test
    void theTrainerIsStartedLastOnceTheBrokerIsThere() {
        Launch launch = launch(Optional.of("digits"));
        launch.begin();
        launch.proceed(UNKNOWN);
        assertThat(started).containsExactly(Part.BROKER, Part.DATASET, Part.EVALUATOR, Part.INFERENCE);
        assertThat(configurations.get(3)).isEqualTo(Map.of("millrace.inference.model", "digits"));
        assertThat(launch.awaitsBroker()).isTrue();

        ready.add(Part.BROKER);
        launch.proceed(UNKNOWN);
        launch.proceed(KNOWN);

        assertThat(started).hasSize(5).endsWith(Part.TRAINER);
        assertThat(launch.awaitsBroker()).isFalse();
    }

    @Test
    void inferenceIsStartedWhenTheRunSaysWhatIsToBeServed() {
        Launch launch = launch(Optional.empty());
        launch.begin();
        ready.add(Part.BROKER);
        launch.proceed(UNKNOWN);
        assertThat(started)
                .as("the trainer need not know it")
                .containsExactly(Part.BROKER, Part.DATASET, Part.EVALUATOR, Part.TRAINER);

        launch.proceed(KNOWN);
        launch.proceed(KNOWN);

        assertThat(started).hasSize(5).endsWith(Part.INFERENCE);
        assertThat(configurations.get(4)).isEqualTo(Map.of("millrace.inference.model", Samples.RUN.model()));
    }

    @Test
    void aBrokerThatGoesAndComesAgainStartsNothingTwice() {
        Launch launch = launch(Optional.of("digits"));
        launch.begin();
        ready.add(Part.BROKER);
        launch.proceed(KNOWN);
        ready.remove(Part.BROKER);
        launch.proceed(KNOWN);
        ready.add(Part.BROKER);
        launch.proceed(KNOWN);

        assertThat(started).containsOnlyOnce(Part.TRAINER).hasSize(5);
    }
}
