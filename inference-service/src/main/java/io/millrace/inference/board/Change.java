// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * The latest of one thing: it replaces whatever was said of the same kind and id before.
 *
 * @param kind of thing
 * @param id of it, among its kind
 * @param value its JSON; null: it is gone
 */
public record Change(
        Kind kind,
        String id,

        @JsonRawValue @JsonInclude(JsonInclude.Include.NON_NULL)
        String value) {
    /** What there is. */
    public enum Kind {
        /** A run as it was ordered. */
        RUN,
        /** How a run stands. */
        STATUS,
        /** A point of a run's curves. */
        POINT,
        /** The score of a checkpoint. */
        EVALUATION,
        /** What a model's name stands for. */
        PROMOTION;

        @JsonValue
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
