// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** A kind of layer: what it holds, what it makes of shapes, and how it is written. Immutable. */
public interface Layer {
    /** What it is called in a summary, such as {@code Conv2d}. */
    String kind();

    /** Prefix of its weights' names; empty where it holds nothing. */
    default String name() {
        return "";
    }

    /** What it holds, as it lies in a file, in torchvision's order. */
    default List<Weight> weights() {
        return List.of();
    }

    /** What it holds on the device: all of {@link #weights()}, unless it does with less. */
    default List<Held> held() {
        return weights().stream().map(Held::whole).toList();
    }

    /**
     * What it makes of its inputs.
     *
     * @throws IllegalArgumentException when they are too small
     */
    Shape output(List<Shape> inputs);

    /** Multiplications with an addition for one image. */
    default long multiplyAdds(Shape input, Shape output) {
        return 0;
    }

    /** How far it looks: the pixels in a row that one of its outputs sees, and how far apart two outputs look. */
    default Window window(Shape input) {
        return Window.PIXEL;
    }

    /** Whether its gradient needs its output, so that nobody may overwrite it. */
    default boolean keepsOutput() {
        return false;
    }

    /** Writes it as TorchScript; returns the variable that holds its output, float or bf16 {@code [N,C,H,W]}, or {@code [N,C]}. */
    String write(StatementWriter out, List<Operand> inputs);

    /** Writes it as ONNX; returns its output. */
    Maps write(NodeWriter out, List<Maps> inputs);
}
