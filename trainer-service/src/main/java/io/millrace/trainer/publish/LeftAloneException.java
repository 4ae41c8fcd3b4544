// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

/** This process does not go on with a run, which has not ended: it is somebody else's. The message says why. */
public final class LeftAloneException extends Exception {
    public LeftAloneException(String reason) {
        super(reason);
    }
}
