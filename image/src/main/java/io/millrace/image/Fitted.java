// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.util.List;

/**
 * A picture as a network takes it.
 *
 * @param picture of the network's shape, opaque
 * @param warnings why an answer to it should not be trusted, in words for whoever sent it; none as a rule
 */
public record Fitted(Picture picture, List<String> warnings) {
    /** The warning about a picture with nothing in it. */
    public static final String BLANK =
            "the picture is blank, all of it of one colour: whatever is answered to it means nothing";

    public Fitted {
        warnings = List.copyOf(warnings);
    }
}
