// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what people write: every field that does not exist, or holds the wrong kind of value, is refused by its name.
 * Thread-safe.
 */
public final class StrictJson {
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(ByKind.strict())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            // Numbers are no names: that one above says so of everything but strings.
            .withCoercionConfig(LogicalType.Textual, taken -> Stream.of(
                            CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)
                    .forEach(shape -> taken.setCoercion(shape, CoercionAction.Fail)))
            .build();

    private StrictJson() {}

    /**
     * The tree of some JSON.
     *
     * @throws JsonProcessingException when it is none
     */
    public static JsonNode tree(String json) throws JsonProcessingException {
        return JSON.readTree(json);
    }

    /** The tree of a value. */
    public static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    /**
     * The record in a tree.
     *
     * @param way to the tree, with a dot at its end; empty for a whole body
     * @throws RefusedFieldException naming the first field that will not do
     */
    public static <T> T read(JsonNode tree, Class<T> type, String way) {
        try {
            return JSON.treeToValue(tree, type);
        } catch (UnrecognizedPropertyException e) {
            throw new RefusedFieldException(way + path(e), tree.at(pointer(e)), unknown(e));
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof RefusedFieldException refused) {
                throw refused;
            }
            List<JsonMappingException.Reference> path =
                    e instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
            JsonNode found = e instanceof JsonMappingException mapping ? tree.at(pointer(mapping)) : tree;
            throw new RefusedFieldException(
                    way + (e instanceof JsonMappingException mapping ? path(mapping) : ""),
                    found,
                    expected(tree, type, path));
        }
    }

    private static String unknown(UnrecognizedPropertyException e) {
        List<String> known =
                e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
        JsonTypeName kind = e.getReferringClass().getAnnotation(JsonTypeName.class);
        return "left out, there is no such field" + (kind == null ? "" : " of the kind " + kind.value())
                + "; there are " + String.join(", ", known) + Nearest.said(known, e.getPropertyName());
    }

    private static String path(JsonMappingException e) {
        return names(e).collect(Collectors.joining("."));
    }

    private static String pointer(JsonMappingException e) {
        return names(e).map(name -> "/" + name).collect(Collectors.joining());
    }

    private static Stream<String> names(JsonMappingException e) {
        return e.getPath().stream().map(StrictJson::name);
    }

    /** Of a member, or the place of an element in a list. */
    private static String name(JsonMappingException.Reference step) {
        return step.getFieldName() == null ? Integer.toString(step.getIndex()) : step.getFieldName();
    }

    private static String expected(JsonNode tree, Class<?> root, List<JsonMappingException.Reference> path) {
        Type type = root;
        JsonNode at = tree;
        for (JsonMappingException.Reference step : path) {
            if (type instanceof ParameterizedType list) {
                // What is wrong with an element of plain values is said of their list.
                if (!(list.getActualTypeArguments()[0] instanceof Class<?> element && element.isRecord())) {
                    break;
                }
                type = element;
                at = at.path(step.getIndex());
            } else {
                type = component(ofKind((Class<?>) type, at), step.getFieldName());
                at = at.path(step.getFieldName());
            }
        }
        return type instanceof ParameterizedType list ? listOf(list.getActualTypeArguments()[0]) : one((Class<?>) type);
    }

    private static String one(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + String.join(", ", constants(type));
        }
        return switch (type.getSimpleName()) {
            case "Integer", "int", "Long", "long" -> "a whole number, not too large";
            case "Double", "double" -> "a number";
            case "Boolean", "boolean" -> "true or false";
            case "String" -> "a string";
            default -> "an object";
        };
    }

    private static String listOf(Type element) {
        if (element == Integer.class) {
            return "a list of whole numbers";
        }
        return element == Double.class
                ? "a list of numbers"
                : element == String.class ? "a list of strings" : "a list of objects";
    }

    private static Class<?> ofKind(Class<?> type, JsonNode tree) {
        return type.isSealed()
                ? ByKind.kinds(type).getOrDefault(tree.path(ByKind.KIND).asText(), type)
                : type;
    }

    private static Type component(Class<?> type, String name) {
        return !type.isRecord()
                ? type
                : Arrays.stream(type.getRecordComponents())
                        .filter(component -> component.getName().equals(name))
                        .map(RecordComponent::getGenericType)
                        .findFirst()
                        .orElse(type);
    }

    private static List<String> constants(Class<?> type) {
        return Arrays.stream(type.getFields())
                .filter(Field::isEnumConstant)
                .map(constant -> constant.getAnnotation(JsonProperty.class).value())
                .toList();
    }
}
