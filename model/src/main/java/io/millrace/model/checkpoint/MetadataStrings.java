// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The strings of a {@code __metadata__}, read with a reason for each that is missing or wrong. Those that only a later
 * version knows are passed over; JSON is read as that of events is.
 */
final class MetadataStrings {
    private static final String FORMAT_VERSION = "format_version";
    private static final String KNOWN_VERSION = "1";

    private final String file;
    private final Map<String, String> strings;

    private MetadataStrings(String file, Map<String, String> strings) {
        this.file = file;
        this.strings = strings;
    }

    static MetadataStrings read(String file, Map<String, String> strings) throws CorruptCheckpointException {
        MetadataStrings read = new MetadataStrings(file, strings);
        String version = read.text(FORMAT_VERSION);
        if (!version.equals(KNOWN_VERSION)) {
            throw new CorruptCheckpointException(file, FORMAT_VERSION + " " + KNOWN_VERSION, version);
        }
        return read;
    }

    static MetadataStrings write() {
        MetadataStrings written = new MetadataStrings("", new LinkedHashMap<>());
        return written.put(FORMAT_VERSION, KNOWN_VERSION);
    }

    MetadataStrings put(String key, Object value) {
        strings.put(key, value.toString());
        return this;
    }

    MetadataStrings putJson(String key, Object value) {
        return put(key, new String(EventCodec.encode(value), UTF_8));
    }

    Map<String, String> strings() {
        return strings;
    }

    Set<String> keys() {
        return strings.keySet();
    }

    boolean has(String key) {
        return strings.containsKey(key);
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
            return EventCodec.decode(text.getBytes(UTF_8), type);
        } catch (MalformedEventException e) {
            throw new CorruptCheckpointException(
                    file, "the metadata \"" + key + "\" is malformed: " + e.getMessage() + ": " + text, e);
        }
    }
}
