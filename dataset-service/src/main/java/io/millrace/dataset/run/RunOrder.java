// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.StrictJson;
import io.millrace.contracts.event.Workers;
import io.millrace.http.JsonFault;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What somebody asks for: the body of {@code POST /runs}. Everything may be missing.
 *
 * @param runId the run's id; one is made when missing
 * @param recipe a name, or an object with what differs from the recipe of a name; {@code quick} when missing
 * @param dataset name of the data set; {@code mnist} when missing
 * @param strokes size of the data set {@code strokes}
 * @param network the name of a network, or an object that says what it is made of (see {@link
 *     io.millrace.contracts.event.NetworkFile}); {@code resnet18} when missing
 * @param stem its first layers; the usual ones of the network when missing
 * @param weights what it starts from, as {@link io.millrace.contracts.event.Start} has it; fresh weights when missing
 * @param sha256 of their file; needed for an address
 * @param model name under which the result is served; the data set's when missing
 * @param seed of weights, shuffling and augmentation; 1 when missing
 * @param shards batches of one step; 1 when missing
 * @param priority runs of a higher one come first; 0 when missing
 * @param team whose run it is, one of those that are configured; nobody's in particular when missing
 * @param workers what it may have of the pool; as much as it has replicas when missing
 */
public record RunOrder(
        String runId,
        JsonNode recipe,
        String dataset,
        StrokesSize strokes,
        JsonNode network,
        Network.Stem stem,
        String weights,
        String sha256,
        String model,
        Long seed,
        Integer shards,
        Integer priority,
        String team,
        Workers workers) {

    /**
     * Size of the data set {@code strokes}; what is missing is taken from the configuration.
     *
     * @param trainSamples training samples
     * @param testSamples test samples
     */
    public record StrokesSize(Integer trainSamples, Integer testSamples) {}

    /**
     * From a request's body.
     *
     * @throws RunRefusedException when it is no JSON object
     * @throws RefusedFieldException naming the first field that will not do
     */
    static RunOrder read(String body) {
        return read(object(body, "{} starts a run with all defaults"));
    }

    /**
     * A request's body.
     *
     * @param example of one that will do, for who sent another one
     */
    static ObjectNode object(String body, String example) {
        try {
            if (StrictJson.tree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new RunRefusedException(400, JsonFault.of(e), "send valid JSON");
        }
        throw new RunRefusedException(400, "the body is no JSON object", "send a JSON object; " + example);
    }

    /** From values by the names of the body's fields. */
    static RunOrder read(Map<String, ?> fields) {
        return read((ObjectNode) StrictJson.tree(fields));
    }

    /** This one, to be trained before others; as it is where it says a priority, or there are none. */
    RunOrder before(List<RunSpec> others) {
        OptionalInt highest = others.stream().mapToInt(RunSpec::priority).max();
        return priority != null || highest.isEmpty()
                ? this
                : new RunOrder(
                        runId,
                        recipe,
                        dataset,
                        strokes,
                        network,
                        stem,
                        weights,
                        sha256,
                        model,
                        seed,
                        shards,
                        Math.max(0, Math.addExact(highest.getAsInt(), 1)),
                        team,
                        workers);
    }

    private static RunOrder read(ObjectNode order) {
        for (Map.Entry<String, JsonNode> field : order.properties()) {
            if (!known(field.getKey())) {
                inRecipe(order, field.getKey(), field.getValue()).ifPresent(recipe -> {
                    throw new RefusedFieldException(
                            field.getKey(), field.getValue(), "part of the recipe: {\"recipe\": " + recipe + "}");
                });
            }
        }
        return StrictJson.read(order, RunOrder.class, "");
    }

    private static boolean known(String field) {
        for (RecordComponent component : RunOrder.class.getRecordComponents()) {
            if (component.getName().equals(field)) {
                return true;
            }
        }
        return false;
    }

    /** The recipe of an order with an option of recipes that stands beside it. */
    private static Optional<JsonNode> inRecipe(ObjectNode order, String option, JsonNode value) {
        ObjectNode recipe = (ObjectNode) StrictJson.tree(Map.of("name", Recipes.NAMES.get(0)));
        if (order.path("recipe").isTextual()) {
            recipe.set("name", order.get("recipe"));
        } else if (order.path("recipe") instanceof ObjectNode given) {
            recipe.setAll(given);
        }
        return place(recipe, Recipe.class, option, value) ? Optional.of(recipe) : Optional.empty();
    }

    /** Puts an option where it belongs in a tree of records; false when it is none of them. */
    private static boolean place(ObjectNode tree, Class<?> type, String option, JsonNode value) {
        for (RecordComponent component : components(type)) {
            boolean inside = isRecord(component.getType());
            if (component.getName().equals(option) && (!inside || value.isObject())) {
                tree.set(option, value);
                return true;
            }
            if (inside) {
                ObjectNode part = tree.path(component.getName()) instanceof ObjectNode there
                        ? there.deepCopy()
                        : tree.objectNode();
                // A kind by its name alone stands for the part that has kinds.
                boolean kind = component.getName().equals(option);
                if (kind ? component.getType().isSealed() : place(part, component.getType(), option, value)) {
                    tree.set(component.getName(), kind ? part.set("kind", value) : part);
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isRecord(Class<?> type) {
        return type.isRecord() || type.isSealed();
    }

    /** Those of a record, or of all kinds that there are of it. */
    private static List<RecordComponent> components(Class<?> type) {
        return type.isRecord()
                ? List.of(type.getRecordComponents())
                : Arrays.stream(type.getPermittedSubclasses())
                        .flatMap(kind -> Arrays.stream(kind.getRecordComponents()))
                        .toList();
    }
}
