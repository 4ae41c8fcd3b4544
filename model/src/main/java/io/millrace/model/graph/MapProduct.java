// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Convolution;
import io.millrace.model.network.Held;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Weight;
import io.millrace.model.network.Window;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * A convolution of a small map as one matrix product: the whole map is a row, pixel by pixel. Where there is one place,
 * the matrix is the kernel itself, held as {@code [outputs, taps · inputs]}; else the kernel is held as
 * {@code [taps, outputs, inputs]} and the matrix is put together from it, a block for each place and pixel. A kernel of one
 * tap that visits each pixel once makes a row of each pixel instead.
 */
record MapProduct(Convolution of, Reach rows, Reach columns) implements ConvolutionForm {
    private boolean onePlace() {
        return rows.places() == 1 && columns.places() == 1;
    }

    private boolean pointwise() {
        return of.window().equals(new Window(1, 1, 0));
    }

    private int taps() {
        return rows.taps() * columns.taps();
    }

    @Override
    public List<Held> held() {
        int kernel = of.window().kernel();
        int offset = rows.first() * kernel + columns.first();
        int perOutput = of.inputs() * kernel * kernel;
        Weight weight = of.weights().get(0);
        List<Held> held = new ArrayList<>(of.held());
        held.set(
                0,
                onePlace() || pointwise()
                        ? new Held(
                                weight,
                                List.of((long) of.outputs(), (long) taps() * of.inputs()),
                                offset,
                                List.of(of.outputs(), rows.taps(), columns.taps(), of.inputs()),
                                List.of(perOutput, kernel, 1, kernel * kernel))
                        : new Held(
                                weight,
                                List.of((long) taps(), (long) of.outputs(), (long) of.inputs()),
                                offset,
                                List.of(rows.taps(), columns.taps(), of.outputs(), of.inputs()),
                                List.of(kernel, 1, perOutput, kernel * kernel)));
        return held;
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        boolean blocks = !onePlace() && !pointwise();
        return blocks ? input.elements() * output.elements() : output.elements() * of.inputs() * taps();
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        String kernel = out.operand(of.weights().get(0).attribute());
        String bias = of.bias() ? out.operand(of.weights().get(1).attribute()) : "None";
        String x = inputs.get(0).name();
        if (onePlace()) {
            String row = row(out, pixels(out, x), taps() == 1);
            String y = out.value("torch.linear(%s, %s, %s)", row, kernel, bias);
            return out.value("torch.reshape(%s, [-1, %d, 1, 1])", y, of.outputs());
        }
        if (pointwise()) {
            String pixels = out.value("torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [-1, %d])", x, of.inputs());
            return maps(out, out.value("torch.linear(%s, %s, %s)", pixels, kernel, bias));
        }
        int places = rows.places() * columns.places();
        String row = row(out, x, rows.side() * columns.side() == 1);
        String repeated = of.bias() ? "torch.repeat(" + bias + ", [" + places + "])" : bias;
        return maps(out, out.value("torch.linear(%s, %s, %s)", row, matrix(out, kernel), repeated));
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        return pointwise() ? of.write(out, inputs) : new MapMatrix(of, rows, columns).write(out, inputs.get(0));
    }

    /** Rows of outputs as maps that lie channels-last. */
    private String maps(StatementWriter out, String y) {
        return out.value(
                "torch.permute(torch.reshape(%s, [-1, %d, %d, %d]), [0, 3, 1, 2])",
                y, rows.places(), columns.places(), of.outputs());
    }

    /** The pixels under the live taps of the one place. */
    private String pixels(StatementWriter out, String x) {
        String rowsOnly = slice(out, x, 2, rows);
        return slice(out, rowsOnly, 3, columns);
    }

    private static String slice(StatementWriter out, String x, int dimension, Reach reach) {
        int from = reach.pixel(0, 0);
        int to = reach.pixel(0, reach.taps() - 1) + 1;
        return from == 0 && to == reach.side()
                ? x
                : out.value("torch.slice(%s, %d, %d, %d, 1)", x, dimension, from, to);
    }

    /** {@code [N,C,H,W]} as {@code [N,H·W·C]}: of channels-last maps it is a view. */
    private static String row(StatementWriter out, String x, boolean onePixel) {
        return out.value(
                onePixel ? "torch.flatten(%s, 1, -1)" : "torch.flatten(torch.permute(%s, [0, 2, 3, 1]), 1, -1)", x);
    }

    private String matrix(StatementWriter out, String kernel) {
        String taps = out.value("torch.unbind(%s, 0)", kernel);
        String zero = null;
        StringJoiner blocks = new StringJoiner(", ", "[", "]");
        for (int place = 0; place < rows.places() * columns.places(); place++) {
            StringJoiner inRow = new StringJoiner(", ", "torch.cat([", "], 1)");
            for (int pixel = 0; pixel < rows.side() * columns.side(); pixel++) {
                int row = rows.tap(place / columns.places(), pixel / columns.side());
                int column = columns.tap(place % columns.places(), pixel % columns.side());
                if (row >= 0 && column >= 0) {
                    inRow.add(taps + "[" + (row * columns.taps() + column) + "]");
                } else {
                    zero = zero == null ? out.value("torch.zeros_like(%s[0])", taps) : zero;
                    inRow.add(zero);
                }
            }
            blocks.add(inRow.toString());
        }
        return out.value("torch.cat(%s, 0)", blocks);
    }
}
