// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads orders from JSON and refuses, by name, every field that does not exist or holds the wrong kind of value. */
final class RunOrderReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private RunOrderReader() {}

    /**
     * From a request's body.
     *
     * @throws RunRefusedException when it is no order
     */
    static RunOrder read(byte[] body) {
        try {
            JsonNode tree = JSON.readTree(body);
            if (!tree.isObject()) {
                throw RunRefusedException.detail(
                        400,
                        null,
                        "the body is no JSON object",
                        "send a JSON object; {} starts a run with all defaults");
            }
            return order(tree);
        } catch (JsonProcessingException e) {
            throw RunRefusedException.detail(
                    400, null, "the body is not valid JSON: " + e.getOriginalMessage(), "send valid JSON");
        } catch (IOException e) {
            throw RunRefusedException.detail(400, null, "the body cannot be read: " + e, "send it again");
        }
    }

    /**
     * From configured values, by the names of the body's fields.
     *
     * @throws RunRefusedException when it is no order
     */
    static RunOrder read(Map<String, ?> fields) {
        return order(JSON.valueToTree(fields));
    }

    private static RunOrder order(JsonNode tree) {
        try {
            return JSON.treeToValue(tree, RunOrder.class);
        } catch (UnrecognizedPropertyException e) {
            String known = e.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .collect(Collectors.joining(", "));
            throw RunRefusedException.detail(
                    422, path(e), "there is no field \"" + path(e) + "\"", "leave it out or use one of " + known);
        } catch (JsonMappingException e) {
            throw RunRefusedException.field(path(e), tree.at("/" + path(e).replace('.', '/')), expected(e));
        } catch (JsonProcessingException e) {
            throw RunRefusedException.detail(
                    400, null, "the body cannot be read: " + e.getMessage(), "send valid JSON");
        }
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .collect(Collectors.joining("."));
    }

    private static String expected(JsonMappingException e) {
        Class<?> type = RunOrder.class;
        for (JsonMappingException.Reference step : e.getPath()) {
            type = component(type, step.getFieldName());
        }
        if (type.isEnum()) {
            return "one of " + String.join(", ", names(type));
        }
        return switch (type.getSimpleName()) {
            case "Integer", "Long" -> "a whole number, not too large";
            case "Double" -> "a number";
            case "Boolean" -> "true or false";
            case "String" -> "a string";
            default -> "an object";
        };
    }

    private static Class<?> component(Class<?> type, String name) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> component.getName().equals(name))
                .<Class<?>>map(RecordComponent::getType)
                .findFirst()
                .orElse(type);
    }

    private static List<String> names(Class<?> type) {
        return Arrays.stream(type.getFields())
                .filter(Field::isEnumConstant)
                .map(constant -> constant.getAnnotation(JsonProperty.class).value())
                .toList();
    }
}
