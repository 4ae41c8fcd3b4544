// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.StrictJson;
import io.millrace.contracts.event.Validated;
import io.millrace.trainer.Fixtures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecisionsTest {
    private static final int EPOCHS = 9;
    private static final int STEPS = 10;

    private static RunSpec recipe(Map<String, ?> more) {
        Map<String, Object> all = new java.util.HashMap<>(more);
        all.put("epochs", EPOCHS);
        return Fixtures.withRecipe(Fixtures.run("decides", EPOCHS, STEPS, 1), Recipes.of(StrictJson.tree(all)));
    }

    private static RunSpec stopping(String metric, int patience, double minDelta) {
        return recipe(Map.of("earlyStopping", Map.of("metric", metric, "patience", patience, "minDelta", minDelta)));
    }

    /** After epochs with these losses, and accuracies that fall from 0.9 on. */
    private static List<Validated> after(RunSpec run, double... losses) {
        List<Validated> all = new ArrayList<>();
        for (double loss : losses) {
            int epoch = all.size() + 1;
            all.add(Decisions.at(run, all, epoch, (long) epoch * STEPS, loss, 1 - epoch / 10.0));
        }
        return all;
    }

    @Test
    void theRunEndsAfterAsManyEpochsWithoutAnImprovementAsItIsPatient() {
        List<Validated> all = after(stopping("loss", 2, 0), 0.9, 0.5, 0.6, 0.4, 0.4, 0.41);

        assertThat(all).extracting(Validated::best).containsExactly(true, true, false, true, false, false);
        assertThat(all.subList(0, 5)).extracting(Validated::stop).containsOnlyNulls();
        assertThat(all.get(5).stop())
                .isEqualTo("stopped early at epoch 6: validation loss was best at epoch 4 (0.4000), and not better"
                        + " since by more than 0.0; these weights are the result");
        assertThat(Decisions.best(all)).contains(all.get(3));
        assertThat(all).extracting(Validated::learningRate).containsOnlyNulls();
    }

    @Test
    void whatIsNotBetterByEnoughIsNoImprovement() {
        assertThat(after(stopping("loss", 5, 0.1), 0.9, 0.81, 0.79, 0.7))
                .extracting(Validated::best)
                .containsExactly(true, false, true, false);
    }

    @Test
    void anAccuracyIsBetterWhereItIsHigher() {
        assertThat(after(stopping("accuracy", 2, 0), 0.9, 0.5, 0.1))
                .extracting(Validated::best)
                .containsExactly(true, false, false);
    }

    @Test
    void theLastEpochEndsTheRunAnyway() {
        List<Validated> all = after(stopping("loss", EPOCHS - 1, 0), 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2);

        assertThat(all).hasSize(EPOCHS).extracting(Validated::stop).containsOnlyNulls();
        assertThat(Decisions.best(all)).contains(all.get(0));
    }

    /** Whether the run is extended before that epoch or after it. */
    @Test
    void theLastEpochOfWhatWasAskedForAtATimeEndsNothing() {
        double[] losses = {0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3};
        RunSpec run = stopping("loss", EPOCHS - 1, 0);
        List<Validated> all = after(run.withExtension(3), losses);

        assertThat(all.subList(0, EPOCHS)).extracting(Validated::stop).containsOnlyNulls();
        assertThat(all.subList(0, EPOCHS)).isEqualTo(after(run, Arrays.copyOf(losses, EPOCHS)));
        assertThat(all.get(EPOCHS).stop()).startsWith("stopped early at epoch 10");
    }

    @Test
    void withoutEarlyStoppingNothingIsKeptAndNothingEnds() {
        assertThat(after(recipe(Map.of("validation", 0.1)), 0.1, 0.2, 0.3))
                .containsExactly(
                        new Validated(1, 10, 0.1, 0.9, null, null, null),
                        new Validated(2, 20, 0.2, 0.8, null, null, null),
                        new Validated(3, 30, 0.3, 0.7, null, null, null));
    }

    /** The rates are those that torch 2.3.1 prints for ReduceLROnPlateau(SGD(lr=0.8), factor=0.5, patience=1). */
    @Test
    void aPlateauLowersTheRateFromTheNextStepOn() {
        RunSpec plateau = recipe(
                Map.of("schedule", Map.of("kind", "plateau", "learningRate", 0.8, "factor", 0.5, "patience", 1)));

        assertThat(after(plateau, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8))
                .extracting(Validated::learningRate)
                .containsExactly(0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1);
    }

    @Test
    void theSameFiguresLeadToTheSameDecisions() {
        RunSpec both = recipe(Map.of(
                "schedule", Map.of("kind", "plateau", "learningRate", 0.8, "patience", 0),
                "earlyStopping", Map.of("patience", 3)));
        List<Validated> all = after(both, 0.9, 0.95, 0.5, 0.6);

        assertThat(Decisions.at(both, all.subList(0, 3), 4, 40, 0.6, 0.6)).isEqualTo(all.get(3));
    }
}
