// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

/**
 * What was asked for can never be had: no such network, or a recipe or normalization that it cannot be trained with. The
 * message names field and value. Any other exception may pass, or be a fault of this program.
 */
public final class RefusedRequestException extends IllegalArgumentException {
    public RefusedRequestException(String reason) {
        super(reason);
    }
}
