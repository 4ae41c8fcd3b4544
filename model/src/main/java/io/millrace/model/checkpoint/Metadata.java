// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Typed access to the strings in the header of a safetensors file; every complaint names the key. */
final class Metadata {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORMAT_VERSION = "format_version";

    private final Map<String, String> strings;

    /** A new one, to be filled. */
    Metadata(int formatVersion) {
        strings = new TreeMap<>();
        put(FORMAT_VERSION, formatVersion);
    }

    /** One that was read. */
    Metadata(Map<String, String> strings, int formatVersion) {
        this.strings = strings;
        String found = text(FORMAT_VERSION);
        if (!found.equals(Integer.toString(formatVersion))) {
            throw new IllegalArgumentException(
                    "metadata \"format_version\" is " + found + "; this reader knows " + formatVersion);
        }
    }

    Metadata put(String key, Object value) {
        strings.put(key, value.toString());
        return this;
    }

    Metadata putJson(String key, Object value) {
        try {
            strings.put(key, JSON.writeValueAsString(value));
            return this;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists and maps of strings and numbers can always be written", e);
        }
    }

    /** Sorted by key, so that equal metadata are equal bytes. */
    Map<String, String> strings() {
        return strings;
    }

    String text(String key) {
        String value = strings.get(key);
        if (value == null) {
            throw new IllegalArgumentException("metadata \"" + key + "\" is missing");
        }
        return value;
    }

    long number(String key) {
        String value = text(key);
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw malformed(key, value, "a number from 0", e);
        }
        throw malformed(key, value, "a number from 0", null);
    }

    int integer(String key) {
        long number = number(key);
        if (number > Integer.MAX_VALUE) {
            throw malformed(key, text(key), "a number below 2^31", null);
        }
        return (int) number;
    }

    <E extends Enum<E>> E constant(String key, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text(key))) {
                return constant;
            }
        }
        throw malformed(key, text(key), "one of " + List.of(type.getEnumConstants()), null);
    }

    <T> T json(String key, TypeReference<T> type) {
        String value = text(key);
        try {
            T parsed = JSON.readValue(value, type);
            if (parsed != null) {
                return parsed;
            }
        } catch (JsonProcessingException e) {
            throw malformed(key, value, "JSON of the right form", e);
        }
        throw malformed(key, value, "JSON of the right form", null);
    }

    private static IllegalArgumentException malformed(String key, String value, String expected, Throwable cause) {
        return new IllegalArgumentException(
                "metadata \"" + key + "\" should be " + expected + ", it is \"" + value + "\"", cause);
    }
}
