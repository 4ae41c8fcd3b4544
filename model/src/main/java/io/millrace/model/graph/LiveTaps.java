// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Convolution;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Window;

/**
 * Leaves out of each convolution what only ever meets padding, and makes matrix products of those of the smallest maps.
 * The mathematics stays the same, to rounding. Which form a convolution takes depends on its shape and on nothing else,
 * so that the same run computes the same everywhere.
 */
public final class LiveTaps {
    private static final int MOST_PLACES = 7;
    private static final int LEAST_CHANNELS = 128;
    private static final int MOST_PIXELS = 4;
    private static final int MANY_CHANNELS = 512;

    /** Up to so many, reading the larger matrices of {@link #forBatches} costs more than it spares. */
    public static final int FEW_IMAGES = 4;

    private LiveTaps() {}

    /** What a convolution can be computed as. */
    public enum Form {
        /** By the library, with a smaller kernel. */
        CONVOLUTION,
        /** As a matrix product. */
        PRODUCT,
        /** By the library, but for the gradient of the kernel: a matrix product a tap. */
        TAPWISE,
        /** As that, and the other two directions as {@link RowProducts}. */
        ROWS
    }

    private interface Rule {
        Form form(Convolution convolution, Shape input, Shape output);
    }

    /** For training: many images at once. */
    public static Graph forTraining(Graph graph, boolean bf16) {
        return rewritten(graph, (convolution, input, output) -> form(convolution, input, output, bf16));
    }

    /** For scoring and serving single images: their weights do not change, and must not grow. */
    public static Graph forInference(Graph graph) {
        return rewritten(graph, (convolution, input, output) -> onePlace(output) ? Form.PRODUCT : Form.CONVOLUTION);
    }

    /**
     * For scoring and serving more than {@link #FEW_IMAGES} at once: the matrices of 2x2 maps, larger than their kernels,
     * are read once for all.
     */
    public static Graph forBatches(Graph graph) {
        return rewritten(
                graph,
                (convolution, input, output) -> onePlace(output) || Math.max(input.height(), input.width()) <= 2
                        ? Form.PRODUCT
                        : Form.CONVOLUTION);
    }

    /** All convolutions in one form, for comparisons. */
    public static Graph all(Graph graph, Form form) {
        return rewritten(graph, (convolution, input, output) -> form);
    }

    private static Graph rewritten(Graph graph, Rule rule) {
        Graph.Builder live = new Graph.Builder(graph.image());
        for (Node node : graph.nodes()) {
            Layer layer = node.layer();
            if (layer instanceof Convolution convolution) {
                Shape input = graph.input(node);
                layer = of(convolution, input, rule.form(convolution, input, node.shape()));
            }
            live.add(layer, node.inputs());
        }
        return live.build();
    }

    /**
     * The rule, as measured (docs/adr/0006). A single place needs no other numbers than the kernel's. A matrix of a 2x2 map
     * has 16 blocks for 9 taps, and the library takes longer all the same; from 3x3 on it does not. In bfloat16 it takes
     * longer for single taps up to 4x4, twice as long for the gradients of larger kernels at few places, and with very many
     * channels longer for everything.
     */
    private static Form form(Convolution convolution, Shape input, Shape output, boolean bf16) {
        int side = Math.max(input.height(), input.width());
        boolean singleTap = convolution.window().kernel() == 1;
        boolean small = singleTap ? bf16 && convolution.window().stride() == 1 && side <= 4 : side <= 2;
        if (onePlace(output) || small) {
            return Form.PRODUCT;
        }
        boolean fewPlaces = Math.max(output.height(), output.width()) <= MOST_PLACES;
        boolean manyChannels = Math.min(convolution.inputs(), convolution.outputs()) >= LEAST_CHANNELS;
        if (!bf16 || singleTap || !fewPlaces || !manyChannels) {
            return Form.CONVOLUTION;
        }
        return side <= MOST_PIXELS && Math.min(convolution.inputs(), convolution.outputs()) >= MANY_CHANNELS
                ? Form.ROWS
                : Form.TAPWISE;
    }

    private static boolean onePlace(Shape output) {
        return output.height() == 1 && output.width() == 1;
    }

    private static Layer of(Convolution convolution, Shape input, Form form) {
        Reach rows = Reach.of(convolution.window(), input.height());
        Reach columns = Reach.of(convolution.window(), input.width());
        if (rows.missed() || columns.missed()) {
            return convolution;
        }
        if (form == Form.PRODUCT) {
            return new MapProduct(convolution, rows, columns);
        }
        boolean whole = rows.whole() && columns.whole();
        boolean tapwise = form == Form.TAPWISE || form == Form.ROWS;
        if (tapwise && whole && !convolution.bias()) {
            Window window = convolution.window();
            boolean keepsSize = window.equals(Window.centred(window.kernel(), 1)) && window.kernel() % 2 == 1;
            return new TapwiseConvolution(convolution, rows, columns, form == Form.ROWS && keepsSize);
        }
        return whole ? convolution : new LiveConvolution(convolution, rows, columns);
    }
}
