// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import java.util.Locale;

/** The parts of a data set. */
public enum Split {
    TRAIN,
    TEST;

    /** As it stands in ids and metadata. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
