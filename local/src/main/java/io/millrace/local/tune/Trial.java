// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.Refusal;
import java.util.Map;
import java.util.Optional;

/**
 * One of a search.
 *
 * @param runId of the run that it is: {@code <search>-<number from 1>}
 * @param values that were drawn for it
 * @param recipe as people write one, with these values
 */
public record Trial(String runId, Values values, ObjectNode recipe) {
    /**
     * Makes sure that a run is this trial. How often it writes checkpoints is no part of the search, and may be otherwise than
     * it was ordered.
     *
     * @throws Refusal when it is another run under its name
     */
    void requireIs(RunSpec run, Setting setting) {
        requireSame("dataset", setting.dataset(), run.dataset().name());
        requireSame("seed", setting.seed(), run.seed());
        requireSame(
                "network",
                setting.network()
                        .network(run.dataset().shape(), run.dataset().classes().size()),
                run.network());
        Optional<Start> there = Optional.ofNullable(run.start());
        requireSame("starting weights", weights(setting.start()), weights(there));
        setting.start()
                .map(Start::sha256)
                .ifPresent(digest -> requireSame(
                        "starting weights' digest",
                        digest,
                        there.map(Start::sha256).orElse(null)));
        requireSameRecipe(run);
    }

    private static String weights(Optional<Start> start) {
        return start.map(Start::weights).orElse("fresh");
    }

    private void requireSameRecipe(RunSpec run) {
        JsonNode there = tree(run.recipe());
        for (Map.Entry<String, JsonNode> member : tree(Recipes.of(recipe)).properties()) {
            requireSame(member.getKey(), member.getValue(), there.path(member.getKey()));
        }
        requireSame("epochs", run.recipe().epochs(), run.epochs());
    }

    /**
     * Makes sure that a run learns what another trial of its search does: of one name, data can be another today.
     *
     * @throws Refusal when it is another data set
     */
    void requireSameData(Dataset others, Dataset own) {
        requireSame("data set's digest", others.digest(), own.digest());
        requireSame("number of training images", others.trainSamples(), own.trainSamples());
        requireSame("number of test images", others.testSamples(), own.testSamples());
    }

    /** Whether a run is this trial, as {@link #requireIs} has it. */
    boolean is(RunSpec run, Setting setting) {
        try {
            requireIs(run, setting);
            return true;
        } catch (Refusal e) {
            return false;
        }
    }

    private static JsonNode tree(Recipe recipe) {
        return StrictJson.tree(recipe.withCheckpointEverySteps(0));
    }

    private void requireSame(String what, Object wanted, Object there) {
        if (!wanted.equals(there)) {
            throw new Refusal("the run " + runId + " is there already and is another one: its " + what + " is " + there
                    + ", and that of this search " + wanted
                    + ". Go on with the search that it is of by the options that it was begun with, or begin"
                    + " another with --name NAME");
        }
    }
}
