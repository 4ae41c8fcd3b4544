// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

/** A field whose value will not do; the message names field, value and remedy. */
public final class RefusedFieldException extends IllegalArgumentException {
    private final String field;
    private final transient Object value;
    private final String remedy;

    /**
     * {@code <field> is <value>; it must be <remedy>}.
     *
     * @param field with the way to it: {@code recipe.schedule.learningRate}
     * @param value what it holds; null: it is missing
     * @param remedy what it must be
     */
    public RefusedFieldException(String field, Object value, String remedy) {
        super(value == null ? field + " is missing; it must be " + remedy : message(field, value, remedy));
        this.field = field;
        this.value = value;
        this.remedy = remedy;
    }

    private static String message(String field, Object value, String remedy) {
        return field + " is " + (value instanceof String ? "\"" + value + "\"" : value) + "; it must be " + remedy;
    }

    /** With the way to it. */
    public String field() {
        return field;
    }

    /** What it holds; null when it is missing. */
    public Object value() {
        return value;
    }

    /** What it must be. */
    public String remedy() {
        return remedy;
    }
}
