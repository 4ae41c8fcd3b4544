// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads what comes in several kinds, a sealed interface of records: the member {@code kind} says which of them it is, so
 * that a kind that there is not, and a member that this kind has not, are refused with those that there are.
 */
final class ByKind<T> extends StdDeserializer<T> {
    /** The member. */
    static final String KIND = "kind";

    private static final long serialVersionUID = 1L;

    private final Class<T> type;
    private final String field;
    private final transient Consumer<ObjectNode> before;

    private ByKind(Class<T> type, String field, Consumer<ObjectNode> before) {
        super(type);
        this.type = type;
        this.field = field;
        this.before = before;
    }

    /** Reads what people write. */
    static Module strict() {
        return module(schedule -> {});
    }

    /** Reads also what was written before there were all these kinds. */
    static Module ofAnyAge() {
        List<String> torchs = members(Schedule.OneCycle.class);
        torchs.removeAll(members(Schedule.Triangle.class));
        return module(schedule -> {
            // The straight lines up and down had the name of torch's shape, and none of its members.
            if (schedule.path(KIND).asText().equals("one-cycle")
                    && torchs.stream().noneMatch(schedule::has)) {
                schedule.put(KIND, "triangle");
            }
        });
    }

    private static Module module(Consumer<ObjectNode> schedules) {
        Consumer<ObjectNode> optimizers = optimizer -> {
            if (!optimizer.hasNonNull(KIND)) {
                optimizer.put(KIND, "sgd");
            }
        };
        return new SimpleModule()
                .addDeserializer(Optimizer.class, new ByKind<>(Optimizer.class, "recipe.optimizer", optimizers))
                .addDeserializer(Schedule.class, new ByKind<>(Schedule.class, "recipe.schedule", schedules));
    }

    /** The records of a sealed interface by their kinds. */
    static Map<String, Class<?>> kinds(Class<?> type) {
        Map<String, Class<?>> kinds = new LinkedHashMap<>();
        for (JsonSubTypes.Type kind : type.getAnnotation(JsonSubTypes.class).value()) {
            kinds.put(kind.value().getAnnotation(JsonTypeName.class).value(), kind.value());
        }
        return kinds;
    }

    /** Names of the members of a kind, {@code kind} itself first. */
    static List<String> members(Class<?> record) {
        List<String> members = new ArrayList<>(List.of(KIND));
        Arrays.stream(record.getRecordComponents())
                .map(RecordComponent::getName)
                .forEach(members::add);
        return members;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = context.readTree(parser);
        if (!(tree instanceof ObjectNode given)) {
            return context.reportInputMismatch(this, "an object with a kind is needed");
        }
        before.accept(given);
        Class<?> record = record(parser, given.get(KIND));
        List<String> members = members(record);
        for (Map.Entry<String, JsonNode> member : given.properties()) {
            if (!members.contains(member.getKey())) {
                throw UnrecognizedPropertyException.from(parser, record, member.getKey(), new ArrayList<>(members));
            }
        }
        return type.cast(context.readTreeAsValue(given, record));
    }

    private Class<?> record(JsonParser parser, JsonNode kind) throws JsonMappingException {
        Map<String, Class<?>> kinds = kinds(type);
        String names = String.join(", ", kinds.keySet());
        if (kind == null || kind.isNull()) {
            throw refused(parser, new RefusedFieldException(field + "." + KIND, null, "one of " + names));
        }
        if (!kind.isTextual() || !kinds.containsKey(kind.textValue())) {
            String nearest = Nearest.said(List.copyOf(kinds.keySet()), kind.asText());
            throw refused(parser, new RefusedFieldException(field + "." + KIND, kind, "one of " + names + nearest));
        }
        return kinds.get(kind.textValue());
    }

    private static JsonMappingException refused(JsonParser parser, RefusedFieldException refused) {
        return JsonMappingException.from(parser, refused.getMessage(), refused);
    }

    /** The kind is read here. */
    @Override
    public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer kinds)
            throws IOException {
        return deserialize(parser, context);
    }
}
