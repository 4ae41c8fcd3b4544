// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

/**
 * The file of a checkpoint is missing, or has another size than announced. A shared volume may show it late; but it may also
 * never come.
 */
public final class IncompleteNetworkException extends Exception {
    public IncompleteNetworkException(String message, Throwable cause) {
        super(message, cause);
    }
}
