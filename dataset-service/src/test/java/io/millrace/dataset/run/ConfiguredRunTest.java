// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Workers;
import io.millrace.dataset.Configs;
import io.millrace.dataset.source.DatasetCatalog;
import java.util.List;
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
        assertThat(run(Map.of("run.dataset", "strokes", "run.recipe", "{\"epochs\": 2}"))
                        .id("strokes"))
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
                        Map.entry("run.weights", "/weights.safetensors"),
                        Map.entry("run.sha256", "ab".repeat(32)),
                        Map.entry("run.model", "mine"),
                        Map.entry("run.seed", "-9"),
                        Map.entry("run.shards", "4"),
                        Map.entry("run.id", "my-run"),
                        Map.entry("run.priority", "3"),
                        Map.entry("run.team", "vision"),
                        Map.entry("run.workers.max", "2"),
                        Map.entry("run.recipe", "{\"name\":\"accurate\",\"schedule\":{\"learningRate\":0.3}}"),
                        Map.entry("run.dataset", "strokes")))
                .order("strokes");

        assertThat(order).hasNoNullFieldsOrProperties();
        assertThat(order.workers()).isEqualTo(new Workers(2));
        assertThat(order.stem()).isEqualTo(Network.Stem.CIFAR);
        Recipe recipe = RunRules.check(order);
        assertThat(recipe.name()).isEqualTo("accurate");
        assertThat(recipe.schedule().learningRate()).isEqualTo(0.3);
    }

    @Test
    void aValueThatWillNotDoIsRefusedByItsKey() {
        assertThatThrownBy(() ->
                        run(Map.of("run.recipe", "{\"labelSmoothing\": 1}")).check(RunRules::check))
                .hasMessageContaining("millrace.dataset.run.recipe: recipe.labelSmoothing=1.0 will not do; it must be a"
                        + " number from 0");
        assertThatThrownBy(() -> run(Map.of("run.recipe", "slow")).check(RunRules::check))
                .hasMessageContaining("millrace.dataset.run.recipe=slow will not do; it must be one of quick");
        assertThatThrownBy(() -> run(Map.of("run.recipe", "{\"epochs\": ")).check(RunRules::check))
                .hasMessageContaining(
                        "millrace.dataset.run.recipe={\"epochs\": will not do; it must be a name or a JSON");
        assertThatThrownBy(() -> run(Map.of("run.weights", "a.pth")).check(RunRules::check))
                .hasMessageContaining("millrace.dataset.run.weights=a.pth will not do; it must be safetensors");
        assertThatThrownBy(() -> run(Map.of("run.network", "resnet81")).check(RunRules::check))
                .hasMessageContaining("millrace.dataset.run.network=resnet81 will not do; it must be one of resnet18")
                .hasMessageContaining("the nearest is resnet18");
        assertThatThrownBy(() -> run(Map.of("run.network", "{\"block\": \"basic\", \"depths\": [0]}"))
                        .check(RunRules::check))
                .hasMessageContaining("millrace.dataset.run.network: network.depths=0 will not do; it must be a whole");
        assertThatThrownBy(() -> run(Map.of("run.workers.max", "0")).check(RunRules::check))
                .hasMessageContaining(
                        "millrace.dataset.run.workers.max=0 will not do; it must be a whole number from 1");
        assertThatThrownBy(() -> run(Map.of("run.team", "vison"))
                        .check(order -> RunRules.team(order, List.of("speech", "vision"))))
                .hasMessageContaining("millrace.dataset.run.team=vison will not do; it must be one of speech, vision");
        assertThatThrownBy(() -> run(Map.of("run.id", "a/b")).check(RunRules::check))
                .hasMessageContaining("millrace.dataset.run.id=a/b will not do; it must be lower-case letters");
        assertThatThrownBy(() -> run(Map.of("run.fallback", "cifar"))
                        .check(order -> RunRules.known(order, DatasetCatalog.NAMES)))
                .hasMessageContaining("millrace.dataset.run.fallback=cifar will not do; it must be one of mnist,");
    }
}
