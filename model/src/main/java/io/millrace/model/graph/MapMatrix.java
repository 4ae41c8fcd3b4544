// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static io.millrace.model.onnx.NodeWriter.integer;

import io.millrace.model.network.Convolution;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution of a small map as the matrix that takes a row {@code [C·H·W]}, which is how maps lie in ONNX, to a row: an
 * element for each pair of an output channel at a place and an input channel at a pixel under a live tap. All of it is put
 * together when it is written, for weights that do not change any more.
 */
record MapMatrix(Convolution of, Reach rows, Reach columns) {
    Maps write(NodeWriter out, Maps x) {
        Reach.Range seenRows = rows.seen();
        Reach.Range seenColumns = columns.seen();
        int pixels = seenRows.size() * seenColumns.size();
        int places = rows.places() * columns.places();
        List<String> operands = new ArrayList<>();
        operands.add(out.rows(seen(out, x, seenRows, seenColumns)).name());
        operands.add(out.tensor(
                of.weights().get(0).name(),
                List.of((long) of.outputs() * places, (long) of.inputs() * pixels),
                matrix(out.weight(of.weights().get(0).name()), seenRows, seenColumns)));
        if (of.bias()) {
            operands.add(out.tensor(
                    of.weights().get(1).name(),
                    List.of((long) of.outputs() * places),
                    repeated(out.weight(of.weights().get(1).name()), places)));
        }
        String y = out.value("Gemm", operands, integer("transB", 1));
        return new Maps(y, of.outputs(), rows.places(), columns.places(), true);
    }

    private static Maps seen(NodeWriter out, Maps x, Reach.Range inRows, Reach.Range inColumns) {
        if (inRows.size() == x.height() && inColumns.size() == x.width()) {
            return x;
        }
        Maps maps = out.maps(x);
        String slice = out.value(
                "Slice",
                List.of(
                        maps.name(),
                        out.integers(inRows.from(), inColumns.from()),
                        out.integers(inRows.to(), inColumns.to()),
                        out.integers(2, 3)));
        return new Maps(slice, x.channels(), inRows.size(), inColumns.size(), false);
    }

    private ByteBuffer matrix(ByteBuffer kernel, Reach.Range seenRows, Reach.Range seenColumns) {
        int side = of.window().kernel();
        int pixels = seenRows.size() * seenColumns.size();
        int places = rows.places() * columns.places();
        ByteBuffer matrix = floats(of.outputs() * places * of.inputs() * pixels);
        for (int place = 0; place < places; place++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                int row = rows.tap(place / columns.places(), seenRows.from() + pixel / seenColumns.size());
                int column = columns.tap(place % columns.places(), seenColumns.from() + pixel % seenColumns.size());
                if (row < 0 || column < 0) {
                    continue;
                }
                int tap = (rows.first() + row) * side + columns.first() + column;
                for (int output = 0; output < of.outputs(); output++) {
                    for (int input = 0; input < of.inputs(); input++) {
                        int to = ((output * places + place) * of.inputs() + input) * pixels + pixel;
                        int from = (output * of.inputs() + input) * side * side + tap;
                        matrix.putFloat(Float.BYTES * to, kernel.getFloat(Float.BYTES * from));
                    }
                }
            }
        }
        return matrix;
    }

    private static ByteBuffer repeated(ByteBuffer bias, int times) {
        ByteBuffer repeated = floats(bias.remaining() / Float.BYTES * times);
        while (bias.hasRemaining()) {
            float value = bias.getFloat();
            for (int k = 0; k < times; k++) {
                repeated.putFloat(value);
            }
        }
        return repeated.flip();
    }

    private static ByteBuffer floats(int count) {
        return ByteBuffer.allocate(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
