// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

/** A run cannot be started as asked for. */
public final class RunRefusedException extends RuntimeException {
    private final int status;
    private final String field;
    private final String value;
    private final String remedy;

    private RunRefusedException(int status, String field, String value, String detail, String remedy) {
        super(detail);
        this.status = status;
        this.field = field;
        this.value = value;
        this.remedy = remedy;
    }

    /** A field has a value that will not do. */
    static RunRefusedException field(String field, Object value, String remedy) {
        return new RunRefusedException(
                422, field, String.valueOf(value), field + " is " + value + "; it must be " + remedy, remedy);
    }

    /** A field that does not exist, or something else about a field; the detail says all. */
    static RunRefusedException detail(int status, String field, String detail, String remedy) {
        return new RunRefusedException(status, field, null, detail, remedy);
    }

    /** HTTP status. */
    int status() {
        return status;
    }

    /** Whether the same may be accepted later. */
    boolean passing() {
        return status == 503;
    }

    /** The field as it stands in the body; null when it is about no single field. */
    String field() {
        return field;
    }

    /** What the field holds; null when it is about no single field. */
    String value() {
        return value;
    }

    /** What to do. */
    String remedy() {
        return remedy;
    }
}
