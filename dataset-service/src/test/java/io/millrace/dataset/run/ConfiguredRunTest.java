// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.dataset.Configs;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfiguredRunTest {
    private static ConfiguredRun run(Map<String, String> values) {
        return new ConfiguredRun(Configs.of(values));
    }

    @Test
    void theSameConfigurationHasTheSameIdAndAnotherOneAnother() {
        String id = run(Map.of("run.dataset", "strokes")).id("strokes");

        assertThat(id).startsWith("strokes-quick-");
        assertThat(run(Map.of("run.dataset", "strokes")).id("strokes")).isEqualTo(id);
        assertThat(run(Map.of("run.dataset", "strokes", "run.epochs", "2")).id("strokes"))
                .isNotEqualTo(id);
        assertThat(run(Map.of("run.dataset", "strokes", "strokes.seed", "2")).id("strokes"))
                .isNotEqualTo(id);
    }

    @Test
    void aRunThatFellBackIsAnotherOneThanARunThatWasMeantSo() {
        ConfiguredRun meant = run(Map.of("run.dataset", "strokes"));
        ConfiguredRun fallen = run(Map.of("run.dataset", "mnist", "run.fallback", "strokes"));

        assertThat(fallen.ids()).hasSize(2).doesNotContainAnyElementsOf(meant.ids());
    }

    @Test
    void aConfiguredIdHoldsForBothDataSets() {
        assertThat(run(Map.of("run.id", "mine", "run.fallback", "strokes")).ids())
                .containsOnly("mine");
    }

    @Test
    void everyValueThatAnOrderMayHaveCanBeConfigured() {
        RunOrder order = run(Map.ofEntries(
                        Map.entry("run.network", "resnet18"),
                        Map.entry("run.stem", "cifar"),
                        Map.entry("run.model", "mine"),
                        Map.entry("run.seed", "-9"),
                        Map.entry("run.shards", "4"),
                        Map.entry("run.epochs", "3"),
                        Map.entry("run.batch-size", "50"),
                        Map.entry("run.momentum", "0.8"),
                        Map.entry("run.nesterov", "false"),
                        Map.entry("run.weight-decay", "0"),
                        Map.entry("run.schedule", "cosine"),
                        Map.entry("run.learning-rate", "0.3"),
                        Map.entry("run.warmup-fraction", "0.1"),
                        Map.entry("run.label-smoothing", "0.2"),
                        Map.entry("run.shift", "0"),
                        Map.entry("run.precision", "bf16"),
                        Map.entry("run.channels-last", "false"),
                        Map.entry("run.checkpoint-every-steps", "100"),
                        Map.entry("run.dataset", "strokes")))
                .order("strokes");

        assertThat(order).hasNoNullFieldsOrProperties();
        assertThat(order.stem()).isEqualTo(Network.Stem.CIFAR);
        assertThat(order.schedule()).isEqualTo(Recipe.Schedule.Kind.COSINE);
        assertThat(order.nesterov()).isFalse();
        assertThat(order.weightDecay()).isZero();
    }

    @Test
    void aValueThatWillNotDoIsRefusedByItsKey() {
        assertThatThrownBy(() -> run(Map.of("run.label-smoothing", "1")).check(RunRules::check))
                .hasMessageContaining(
                        "millrace.dataset.run.label-smoothing=1.0 will not do; it must be a number from 0");
        assertThatThrownBy(() -> run(Map.of("run.fallback", "cifar")).check(RunRules::check))
                .hasMessageContaining(
                        "millrace.dataset.run.fallback=cifar will not do; it must be one of mnist, strokes");
    }
}
