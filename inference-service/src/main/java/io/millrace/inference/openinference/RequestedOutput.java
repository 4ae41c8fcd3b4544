// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import java.util.List;
import java.util.Optional;

/**
 * An output that a request asks for.
 *
 * @param name one of {@link #ALL}
 * @param binary whether its data follows the JSON; empty: as the request says for all
 * @param classes as how many of the best classes it is asked for, in words ({@code value:index:label}); 0: as it is
 */
record RequestedOutput(String name, Optional<Boolean> binary, int classes) {
    /** FP32 {@code [N,K]}: how probable each class is. */
    static final String PROBABILITIES = "probabilities";
    /** BYTES {@code [N]}: the most probable class, by its name. */
    static final String LABEL = "label";

    /** All that there are, as they are. */
    static final List<RequestedOutput> ALL = List.of(of(PROBABILITIES), of(LABEL));

    private static RequestedOutput of(String name) {
        return new RequestedOutput(name, Optional.empty(), 0);
    }

    /** @throws PictureException when there is no such output, or it has no such form */
    static RequestedOutput of(String name, Optional<Boolean> binary, long classes) throws PictureException {
        if (ALL.stream().noneMatch(output -> output.name.equals(name))) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "output \"" + name + "\" is none of the model's, which are \"" + PROBABILITIES + "\" and \"" + LABEL
                            + "\"");
        }
        if (classes < 0 || classes > Integer.MAX_VALUE) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "output \"" + name + "\": classification is " + classes + "; it must be how many classes to name");
        }
        if (classes > 0 && !name.equals(PROBABILITIES)) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "output \"" + name + "\" is no output to classify by; ask for the classification of \""
                            + PROBABILITIES + "\"");
        }
        return new RequestedOutput(name, binary, (int) classes);
    }
}
