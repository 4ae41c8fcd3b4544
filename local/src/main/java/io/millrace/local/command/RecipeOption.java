// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.local.Refusal;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which recipe: {@code --recipe}, and what is to differ from it. */
final class RecipeOption {
    /** Members of a recipe that have an option of their own. */
    private static final Map<String, String> OPTIONS = Map.of(
            "recipe", "--recipe",
            "recipe.epochs", "--epochs",
            "recipe.batchSize", "--batch-size",
            "recipe.precision", "--precision",
            "recipe.validation", "--validation",
            "recipe.sync.everySteps", "--sync-every");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--recipe",
            paramLabel = "NAME|FILE.json",
            defaultValue = "quick",
            description = "How to learn it: quick (1 epoch), accurate (10 epochs, augmentation), one of those that "
                    + "./millrace recipes lists, or a file with what differs from one of these, such as {\"name\": \"quick\", "
                    + "\"optimizer\": {\"kind\": \"adamw\"}, \"schedule\": {\"learningRate\": 0.001}}. Default: "
                    + "${DEFAULT-VALUE}")
    private String recipe;

    @Option(names = "--epochs", paramLabel = "N", description = "Replaces the recipe's number of epochs")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Replaces the recipe's batch size")
    private Integer batchSize;

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|bf16",
            description = "Of the convolutions; auto takes the faster one of this machine")
    private String precision;

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            description = "Part of the training images that is set apart, such as 0.1: never trained on; confidence is "
                    + "calibrated on it")
    private Double validation;

    @Mixin
    private SetOption set;

    /** Configuration of the services, by its keys. */
    Map<String, String> configuration() {
        return set.configuration();
    }

    /** As {@link #recipe(boolean, Integer)}, where it does not matter who trains it. */
    ObjectNode recipe() {
        return recipe(false, null);
    }

    /**
     * Its name, and the members that differ from the recipe of that name.
     *
     * @param rounds whether shards are trained apart
     * @param syncEvery steps of a round; null: as the recipe says
     * @throws ParameterException naming the option, its value and what it may be
     */
    ObjectNode recipe(boolean rounds, Integer syncEvery) {
        ObjectNode given = given();
        ObjectNode sparse = given.deepCopy();
        if (epochs != null) {
            sparse.put("epochs", epochs);
        }
        if (batchSize != null) {
            sparse.put("batchSize", batchSize);
        }
        if (precision != null) {
            sparse.put("precision", precision);
        }
        if (validation != null) {
            sparse.put("validation", validation);
        }
        if (rounds) {
            ObjectNode sync = sparse.get("sync") instanceof ObjectNode there ? there : sparse.putObject("sync");
            if (syncEvery != null) {
                sync.put("everySteps", syncEvery);
            }
        }
        set.into(sparse);
        Optional<RefusedFieldException> refusal = refusal(sparse);
        if (refusal.isPresent()) {
            throw refusal(given).isPresent() && RecipeFile.is(recipe)
                    ? refused("--recipe " + recipe + ": " + refusal(given).get().getMessage())
                    : refused(refusal.get());
        }
        if (!sparse.has("name")) {
            sparse.put("name", Recipes.NAMES.get(0));
        }
        return sparse;
    }

    private static Optional<RefusedFieldException> refusal(ObjectNode sparse) {
        try {
            Recipes.of(sparse);
            return Optional.empty();
        } catch (RefusedFieldException e) {
            return Optional.of(e);
        }
    }

    private ObjectNode given() {
        try {
            return RecipeFile.read(recipe);
        } catch (Refusal e) {
            throw refused("--recipe " + e.getMessage());
        }
    }

    private ParameterException refused(RefusedFieldException e) {
        String member = e.field().replaceFirst("^recipe\\.", "");
        if (e.value() == null) {
            return refused("--set " + member + "=... is missing; it must be " + e.remedy());
        }
        String option = OPTIONS.getOrDefault(e.field(), "--set " + member);
        String fileToo = e.field().equals("recipe") ? "; or a file, FILE.json" : "";
        return refused(option + (option.contains(" ") ? "=" : " ") + plain(e.value()) + " will not do; it must be "
                + e.remedy() + fileToo);
    }

    private ParameterException refused(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    /** As it was typed: text without the quotes of JSON. */
    private static Object plain(Object value) {
        return value instanceof JsonNode json && json.isTextual() ? json.textValue() : value;
    }
}
