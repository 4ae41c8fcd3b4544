// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The strings of a {@code __metadata__}, read with a reason for each that is missing or wrong. */
final class Strings {
    static final String FORMAT_VERSION = "format_version";
    private static final String KNOWN_VERSION = "1";
    private static final JsonMapper JSON = new JsonMapper();

    private final String file;
    private final Map<String, String> strings;

    private Strings(String file, Map<String, String> strings) {
        this.file = file;
        this.strings = strings;
    }

    static Strings read(String file, Map<String, String> strings) throws CorruptCheckpointException {
        Strings read = new Strings(file, strings);
        String version = read.text(FORMAT_VERSION);
        if (!version.equals(KNOWN_VERSION)) {
            throw new CorruptCheckpointException(file, FORMAT_VERSION + " " + KNOWN_VERSION, version);
        }
        return read;
    }

    static Strings write() {
        Strings written = new Strings("", new LinkedHashMap<>());
        return written.put(FORMAT_VERSION, KNOWN_VERSION);
    }

    Strings put(String key, Object value) {
        strings.put(key, value.toString());
        return this;
    }

    Strings putJson(String key, Object value) {
        try {
            return put(key, JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot write " + key + " as JSON", e);
        }
    }

    Map<String, String> strings() {
        return strings;
    }

    String text(String key) throws CorruptCheckpointException {
        String text = strings.get(key);
        if (text == null) {
            throw new CorruptCheckpointException(file, "the metadata \"" + key + '"', "none of that name");
        }
        return text;
    }

    long number(String key) throws CorruptCheckpointException {
        String text = text(key);
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, as for a negative number
        }
        throw new CorruptCheckpointException(file, "a number from 0 as \"" + key + '"', '"' + text + '"');
    }

    int integer(String key) throws CorruptCheckpointException {
        long number = number(key);
        if (number > Integer.MAX_VALUE) {
            throw new CorruptCheckpointException(file, "a number below 2^31 as \"" + key + '"', Long.toString(number));
        }
        return (int) number;
    }

    <E extends Enum<E>> E constant(String key, Class<E> type) throws CorruptCheckpointException {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text(key))) {
                return constant;
            }
        }
        String known = Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
        throw new CorruptCheckpointException(file, "one of " + known + " as \"" + key + '"', text(key));
    }

    List<String> texts(String key) throws CorruptCheckpointException {
        List<String> texts = Arrays.asList(json(key, String[].class));
        if (texts.contains(null)) {
            throw new CorruptCheckpointException(file, "strings as \"" + key + '"', text(key));
        }
        return texts;
    }

    <T> T json(String key, Class<T> type) throws CorruptCheckpointException {
        String text = text(key);
        try {
            T value = JSON.readValue(text, type);
            if (value != null) {
                return value;
            }
        } catch (JsonProcessingException e) {
            throw new CorruptCheckpointException(file, "the metadata \"" + key + "\" is malformed: " + text, e);
        }
        throw new CorruptCheckpointException(file, "JSON as \"" + key + '"', text);
    }
}
