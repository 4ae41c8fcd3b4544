// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.trainer.consume.RunFailedException;

/** Loss or weights are not finite any more: the recipe is at fault, or its precision. */
final class DivergedException extends RunFailedException {
    DivergedException(String reason) {
        super(reason);
    }
}
