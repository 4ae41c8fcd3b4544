// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Events to and from JSON, the same in every service. Unknown fields are passed over, so that a field can be added, except
 * in what is {@link ReadStrictly}; missing fields, values of another kind or out of range, repeated fields and
 * unknown enum values are refused. A field that came later than the first release is of a type that can be null and has a
 * default. Thread-safe.
 */
public final class EventCodec {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(ByKind.ofAnyAge())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .addHandler(new Tolerance())
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private EventCodec() {}

    /** Passes over what only a later version knows, where that is harmless. */
    private static final class Tolerance extends DeserializationProblemHandler {
        @Override
        public boolean handleUnknownProperty(
                DeserializationContext context,
                JsonParser parser,
                JsonDeserializer<?> reader,
                Object beanOrClass,
                String property)
                throws IOException {
            if (reader == null || ReadStrictly.class.isAssignableFrom(reader.handledType())) {
                return false;
            }
            parser.skipChildren();
            return true;
        }
    }

    /** The JSON of an event, UTF-8. */
    public static byte[] encode(Object event) {
        try {
            return JSON.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "cannot write " + event.getClass().getSimpleName() + " as JSON", e);
        }
    }

    /**
     * The event in some JSON.
     *
     * @throws MalformedEventException when it is none
     */
    public static <T> T decode(byte[] json, Class<T> type) throws MalformedEventException {
        if (json == null) {
            throw new MalformedEventException("a " + type.getSimpleName() + " is missing: the record has no value");
        }
        try {
            return Optional.ofNullable(JSON.readValue(json, type))
                    .orElseThrow(() -> new MalformedEventException("a " + type.getSimpleName() + " is JSON null"));
        } catch (JsonProcessingException e) {
            throw new MalformedEventException("not a " + type.getSimpleName() + ": " + reason(e), e);
        } catch (MalformedEventException e) {
            throw e;
        } catch (IOException e) {
            throw new MalformedEventException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** What a constructor objected to names its field; what Jackson objects to has the way to it. */
    private static String reason(JsonProcessingException e) {
        if (e.getCause() instanceof IllegalArgumentException refused) {
            return refused.getMessage();
        }
        if (e instanceof UnrecognizedPropertyException unknown) {
            return path(unknown)
                    + " is not known to this version, which reads no part of it without knowing all; it knows "
                    + unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .toList();
        }
        String path = e instanceof JsonMappingException mapping ? path(mapping) : "";
        return path.isEmpty() ? e.getOriginalMessage() : path + ": " + e.getOriginalMessage();
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."));
    }
}
