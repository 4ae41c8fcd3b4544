// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Layer;
import io.millrace.model.script.StatementWriter;

/** A layer with one input and one trained kernel that says itself how gradients go back through it. */
interface OwnGradient extends Layer {
    /** Writes the kernel as both directions need it; returns the variable. */
    String kernel(StatementWriter out);

    /** Writes the output for an input and {@link #kernel}. */
    String output(StatementWriter out, String x, String kernel);

    /**
     * Writes the gradients.
     *
     * @param dy variable of the gradient of the output
     */
    Gradients gradients(StatementWriter out, String x, String kernel, String dy);

    /** Variables of the gradients of input and kernel; the latter float32, in shape and layout of the parameter. */
    record Gradients(String input, String kernel) {}
}
