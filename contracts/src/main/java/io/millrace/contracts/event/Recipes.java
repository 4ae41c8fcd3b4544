// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The recipes that come with Millrace, read from {@code recipes/<name>.json} beside the contracts, and what is made of them. */
public final class Recipes {
    /** Their names, the default first. */
    public static final List<String> NAMES =
            List.of("quick", "accurate", "textbook", "dawnbench", "cifar-quick", "cifar-resnet18", "transfer");

    private static final String FIELD = "recipe";
    private static final String OPTIMIZER = "optimizer";
    private static final String SCHEDULE = "schedule";
    private static final String RATE = "learningRate";
    private static final String WARM_UP = "warmupFraction";

    private Recipes() {}

    /**
     * The recipe of a name.
     *
     * @throws RefusedFieldException when there is none; the message lists the names
     */
    public static Recipe named(String name) {
        return StrictJson.read(tree(name), Recipe.class, FIELD + '.');
    }

    private static JsonNode tree(String name) {
        Fields.require(FIELD, name, NAMES.contains(name), "one of " + String.join(", ", NAMES));
        try (InputStream in = Recipes.class.getResourceAsStream("/io/millrace/contracts/recipes/" + name + ".json")) {
            return StrictJson.tree(new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("recipe " + name + " cannot be read", e);
        }
    }

    /**
     * A recipe as people write one: a name, or an object that holds a name and the members that differ from the recipe of
     * that name: <code>{"name": "quick", "epochs": 2, "schedule": {"learningRate": 0.1}}</code>. An optimizer of another
     * kind begins with torch's defaults and needs a learning rate; a schedule of another kind keeps the members that both
     * have.
     *
     * @param wanted null or JSON null: the default; an object without a name differs from the default
     * @throws RefusedFieldException naming the first member that will not do
     */
    public static Recipe of(JsonNode wanted) {
        if (wanted == null || wanted.isNull()) {
            return named(NAMES.get(0));
        }
        if (wanted.isTextual()) {
            return named(wanted.textValue());
        }
        if (!(wanted instanceof ObjectNode sparse)) {
            throw new RefusedFieldException(FIELD, wanted, "a name or an object");
        }
        JsonNode name = sparse.path("name");
        if (!name.isMissingNode() && !name.isTextual()) {
            throw new RefusedFieldException(FIELD + ".name", name, "one of " + String.join(", ", NAMES));
        }
        ObjectNode whole = (ObjectNode) tree(name.asText(NAMES.get(0)));
        requireRate(whole, sparse);
        requireNewName(sparse.path(SCHEDULE));
        // Torch's defaults are another optimizer's own; a schedule keeps what it has in common with the one before.
        changedKind(whole, sparse, OPTIMIZER, Optimizer.class).ifPresent(kind -> whole.putObject(OPTIMIZER));
        changedKind(whole, sparse, SCHEDULE, Schedule.class)
                .ifPresent(kind -> ((ObjectNode) whole.get(SCHEDULE)).retain(ByKind.members(kind)));
        merge(whole, sparse);
        return StrictJson.read(whole, Recipe.class, FIELD + '.');
    }

    /** The kind that replaces another one, if there is such a kind. */
    private static Optional<Class<?>> changedKind(ObjectNode whole, ObjectNode sparse, String member, Class<?> type) {
        JsonNode kind = sparse.path(member).path(ByKind.KIND);
        return kind.isMissingNode() || kind.equals(whole.path(member).path(ByKind.KIND))
                ? Optional.empty()
                : Optional.ofNullable(ByKind.kinds(type).get(kind.asText()));
    }

    /** A rate that suits one optimizer is far too high or too low for another. */
    private static void requireRate(ObjectNode whole, ObjectNode sparse) {
        JsonNode usual = whole.path(SCHEDULE).path(RATE);
        if (changedKind(whole, sparse, OPTIMIZER, Optimizer.class).isPresent()
                && !sparse.path(SCHEDULE).has(RATE)) {
            throw new RefusedFieldException(
                    FIELD + "." + SCHEDULE + "." + RATE,
                    null,
                    "given with another optimizer, " + usual + " is for that of "
                            + whole.path("name").textValue() + "; 0.001 is usual for "
                            + sparse.path(OPTIMIZER).path(ByKind.KIND).textValue());
        }
    }

    /** Before there was torch's shape of this name, the triangle had it, and it has a warm-up. */
    private static void requireNewName(JsonNode schedule) {
        if (schedule.path(ByKind.KIND).asText().equals("one-cycle") && schedule.has(WARM_UP)) {
            throw new RefusedFieldException(
                    FIELD + "." + SCHEDULE + "." + WARM_UP,
                    schedule.get(WARM_UP),
                    "left out: one-cycle is torch's OneCycleLR, which has pctStart; what had this name before, straight"
                            + " lines up and down, is the kind triangle");
        }
    }

    /** Objects are merged member by member; everything else is replaced. */
    private static void merge(ObjectNode whole, ObjectNode sparse) {
        for (Map.Entry<String, JsonNode> member : sparse.properties()) {
            if (member.getValue() instanceof ObjectNode part && whole.get(member.getKey()) instanceof ObjectNode base) {
                merge(base, part);
            } else {
                whole.set(member.getKey(), member.getValue());
            }
        }
    }
}
