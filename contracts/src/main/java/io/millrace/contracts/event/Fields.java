// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

/** Checks of events' fields, for their constructors: what these throw, {@link EventCodec} reports as malformed. */
final class Fields {
    private Fields() {}

    static <T> T present(T value, String name) {
        if (value == null || value instanceof String text && text.isBlank()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    static void atLeast(long least, long value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " should be at least " + least + ", it is " + value);
        }
    }
}
