// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.Refusal;
import java.util.Map;

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
        JsonNode there = tree(run.recipe());
        for (Map.Entry<String, JsonNode> member : tree(Recipes.of(recipe)).properties()) {
            requireSame(member.getKey(), member.getValue(), there.path(member.getKey()));
        }
        requireSame("epochs", run.recipe().epochs(), run.epochs());
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
