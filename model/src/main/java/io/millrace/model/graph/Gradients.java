// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static io.millrace.model.onnx.NodeWriter.integer;
import static io.millrace.model.onnx.NodeWriter.list;
import static io.millrace.model.onnx.NodeWriter.text;

import io.millrace.contracts.event.ResidualLayout.Pool;
import io.millrace.model.network.Add;
import io.millrace.model.network.BatchNorm;
import io.millrace.model.network.Convolution;
import io.millrace.model.network.GlobalPool;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Linear;
import io.millrace.model.network.MaxPool;
import io.millrace.model.network.Relu;
import io.millrace.model.network.Scale;
import io.millrace.model.network.Window;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** How the gradient of one number goes back through a layer in inference mode, as ONNX. Not parameters': those stay. */
final class Gradients {
    private Gradients() {}

    /**
     * Writes the gradient with respect to an input.
     *
     * @param x that input
     * @param y what the node gives
     * @param largest of a {@link MaxPool}: which pixel of all each number of {@code y} comes from
     * @param dy gradient with respect to {@code y}
     */
    static Maps of(Node node, NodeWriter out, Maps x, Maps y, String largest, Maps dy) {
        Layer layer = node.layer();
        if (layer instanceof Convolution convolution) {
            return convolution(convolution, out, x, out.maps(dy));
        }
        if (layer instanceof Relu) {
            String positive = out.value("Greater", List.of(out.maps(y).name(), out.number(0)));
            return where(out, positive, out.maps(dy), x);
        }
        if (layer instanceof Add) {
            return out.maps(dy);
        }
        if (layer instanceof MaxPool) {
            return maxPool(out, out.maps(x), largest, out.maps(dy));
        }
        if (layer instanceof GlobalPool pool) {
            return globalPool(pool.pool(), out, out.maps(x), out.maps(y), out.maps(dy));
        }
        if (layer instanceof Linear linear) {
            String weight = linear.weights().get(0).name();
            return x.as(out.value("MatMul", List.of(out.rows(dy).name(), weight)), true);
        }
        if (layer instanceof Scale scale) {
            return out.each("Mul", dy, out.number(scale.factor()));
        }
        if (layer instanceof BatchNorm norm) {
            return out.each("Mul", out.maps(dy), factors(norm, out));
        }
        throw new IllegalArgumentException("no gradient goes back through " + layer.kind());
    }

    private static Maps where(NodeWriter out, String condition, Maps dy, Maps x) {
        return x.as(out.value("Where", List.of(condition, dy.name(), out.number(0))), false);
    }

    private static Maps convolution(Convolution of, NodeWriter out, Maps x, Maps dy) {
        Window window = of.window();
        int padding = window.padding();
        String dx = out.value(
                "ConvTranspose",
                List.of(dy.name(), of.weights().get(0).name()),
                list("kernel_shape", window.kernel(), window.kernel()),
                list("strides", window.stride(), window.stride()),
                list("pads", padding, padding, padding, padding),
                list("output_padding", unseen(window, x.height()), unseen(window, x.width())));
        return x.as(dx, false);
    }

    /** Pixels behind the last place, which no window meets. */
    private static int unseen(Window window, int side) {
        return (side + 2 * window.padding() - window.kernel()) % window.stride();
    }

    /** Each place's goes to its largest pixel; where windows overlap they add up. */
    private static Maps maxPool(NodeWriter out, Maps x, String largest, Maps dy) {
        String row = out.integers(-1);
        String pixels = out.value("Reshape", List.of(x.name(), row));
        String zeros = out.value("ConstantOfShape", List.of(out.value("Shape", List.of(pixels))));
        String scattered = out.value(
                "ScatterElements",
                List.of(
                        zeros,
                        out.value("Reshape", List.of(largest, row)),
                        out.value("Reshape", List.of(dy.name(), row))),
                integer("axis", 0),
                text("reduction", "add"));
        String shape = out.integers(-1, x.channels(), x.height(), x.width());
        return x.as(out.value("Reshape", List.of(scattered, shape)), false);
    }

    private static Maps globalPool(Pool pool, NodeWriter out, Maps x, Maps y, Maps dy) {
        if (x.onePixel()) {
            return dy;
        }
        if (pool == Pool.MAX) {
            return where(out, out.value("Equal", List.of(x.name(), y.name())), dy, x);
        }
        Maps share = out.each("Mul", dy, out.number(1.0 / (x.height() * x.width())));
        String everywhere = out.value("Expand", List.of(share.name(), out.integers(1, 1, x.height(), x.width())));
        return x.as(everywhere, false);
    }

    /** {@code γ/√(σ²+ε)}, by channel. */
    private static String factors(BatchNorm norm, NodeWriter out) {
        ByteBuffer gamma = out.weight(norm.name() + ".weight");
        ByteBuffer variance = out.weight(norm.name() + ".running_var");
        ByteBuffer factors = ByteBuffer.allocate(norm.channels() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (factors.hasRemaining()) {
            factors.putFloat((float) (gamma.getFloat() / Math.sqrt(variance.getFloat() + BatchNorm.EPSILON)));
        }
        return out.tensor(norm.name() + ".factors", List.of(1L, (long) norm.channels(), 1L, 1L), factors.flip());
    }
}
