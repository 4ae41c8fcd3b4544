// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.util.List;

/** Checks of events' fields, for their constructors: what these throw, {@link EventCodec} reports as malformed. */
final class Fields {
    /** Ids hold epoch and index in nine digits. */
    static final long MAX_COUNT = 999_999_999;

    private Fields() {}

    static <T> T present(T value, String name) {
        if (value == null || value instanceof String text && text.isBlank()) {
            throw new RefusedFieldException(name, null, "given");
        }
        return value;
    }

    static void atLeast(long least, long value, String name) {
        require(name, value, value >= least, "at least " + least);
    }

    static void range(String name, long value, long low, long high) {
        require(name, value, value >= low && value <= high, "a whole number from " + low + " to " + high);
    }

    /** From 0 to less than 1. */
    static void fraction(String name, double value) {
        require(name, value, value >= 0 && value < 1, "a number from 0 to less than 1");
    }

    /** Finite and above 0. */
    static void positive(String name, double value) {
        require(name, value, value > 0 && Double.isFinite(value), "a number above 0");
    }

    /** Finite and not negative. */
    static void notNegative(String name, double value) {
        require(name, value, value >= 0 && Double.isFinite(value), "a number from 0 on");
    }

    /** From 0 to 1. */
    static void probability(String name, double value) {
        require(name, value, value >= 0 && value <= 1, "a number from 0 to 1");
    }

    /** Two numbers, each within the same bounds. */
    static void pair(String name, List<Double> values, double low, double high, String bounds) {
        boolean within =
                values.size() == 2 && values.stream().allMatch(value -> value != null && value >= low && value <= high);
        require(name, values, within, "a list of two numbers " + bounds);
    }

    /** Two numbers within bounds, the second no less than the first. */
    static void interval(String name, List<Double> values, double low, double high, String bounds) {
        String rising = bounds + ", the least and the largest";
        pair(name, values, low, high, rising);
        require(name, values, values.get(0) <= values.get(1), "a list of two numbers " + rising);
    }

    /** What was given, or what holds where nothing was. */
    static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    static void require(String name, Object value, boolean holds, String remedy) {
        if (!holds) {
            throw new RefusedFieldException(name, value, remedy);
        }
    }
}
