// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import java.io.IOException;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A checkpoint cannot be scored now: the store cannot be read, no temporary file can be written, there is no memory. That
 * tells nothing about the checkpoint. The message says what it is.
 */
public final class PassingFaultException extends RuntimeException {
    /** PyTorch says it in the text of an exception only. */
    private static final Pattern NO_MEMORY =
            Pattern.compile("(out of|allocate|enough) memory|bad_alloc", Pattern.CASE_INSENSITIVE);

    public PassingFaultException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The passing fault that something failed by; the failure itself when it is none. */
    static RuntimeException of(RuntimeException failure) {
        return Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(PassingFaultException::passes)
                .findFirst()
                .<RuntimeException>map(cause -> new PassingFaultException(
                        failure == cause ? cause.toString() : failure.getMessage() + ": " + cause, failure))
                .orElse(failure);
    }

    private static boolean passes(Throwable cause) {
        return cause instanceof IOException
                || cause.getMessage() != null
                        && NO_MEMORY.matcher(cause.getMessage()).find();
    }
}
