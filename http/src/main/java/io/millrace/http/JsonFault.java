// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is wrong with some JSON, in words for whoever wrote it: no class of ours, and no switch of the parser's. */
public final class JsonFault {
    private static final Pattern SWITCHES = Pattern.compile(
            "[:;]?\\s*\\(?(for non-strict parsing, )?enable `?Json(Read)?Feature[^)]*\\)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern CLASSES = Pattern.compile("\\b(?:[a-z]\\w*\\.){2,}[\\w.$]+");

    private JsonFault() {}

    /** What is wrong, and where. */
    public static String of(JacksonException fault) {
        if (fault instanceof UnrecognizedPropertyException unknown) {
            return "there is no member \"" + way(unknown) + "\"; there are "
                    + unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .collect(Collectors.joining(", "));
        }
        if (fault instanceof MismatchedInputException mismatched) {
            String way = way(mismatched);
            return (way.isEmpty() ? "the body" : "the member \"" + way + "\"") + " has to be "
                    + kind(mismatched.getTargetType());
        }
        return "the body is not valid JSON: " + words(fault);
    }

    /** What the parser says of it, without its switches and classes. */
    public static String words(JacksonException fault) {
        String said = SWITCHES.matcher(fault.getOriginalMessage()).replaceAll("");
        return CLASSES.matcher(said).replaceAll("a value");
    }

    private static String way(JsonMappingException fault) {
        return fault.getPath().stream()
                .map(step -> step.getFieldName() == null ? Integer.toString(step.getIndex()) : step.getFieldName())
                .collect(Collectors.joining("."));
    }

    private static String kind(Class<?> type) {
        if (type == null) {
            return "of another kind";
        }
        if (type == String.class) {
            return "a string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a number";
        }
        return Iterable.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
    }
}
