// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import java.util.Locale;

/** Why a request was turned away that was not wrong. */
public enum Refusal {
    /** As many requests are inside as may be. */
    FULL,
    /** As many large pictures wait to be decoded as may. */
    LARGE,
    /** Others' bodies take all of the memory. */
    MEMORY,
    /** No model is loaded, or what is asked for cannot be made of it. */
    NO_MODEL,
    /** The service is stopping. */
    STOPPING,
    /** The body came too slowly. */
    SLOW_BODY,
    /** What somebody said of an answer cannot be kept. */
    FEEDBACK,
    /** The deadline passed. */
    LATE;

    /** As metrics name it. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
