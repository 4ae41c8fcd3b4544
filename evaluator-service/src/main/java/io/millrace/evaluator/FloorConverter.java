// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.evaluator.promote.Floor;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads {@link EvaluatorConfig#floor()}. */
public final class FloorConverter implements Converter<Floor> {
    @Override
    public Floor convert(String written) {
        return Floor.of(written);
    }
}
