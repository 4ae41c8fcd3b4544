// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Convolution;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;
import java.util.StringJoiner;

/**
 * A convolution whose kernel's gradient is one matrix product a tap: of the pixels that the tap meets, and the gradients at
 * the places where it meets them. The library goes over the padding, too, and is slow where maps are small.
 *
 * @param products whether output and gradient of the input are matrix products, too, see {@link RowProducts}; the library's
 *     otherwise
 */
record TapwiseConvolution(Convolution of, Reach rows, Reach columns, boolean products)
        implements ConvolutionForm, OwnGradient {
    private String attribute() {
        return of.weights().get(0).attribute();
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        return of.write(out, inputs);
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        return of.write(out, inputs);
    }

    @Override
    public String kernel(StatementWriter out) {
        return out.value("torch.detach(%s)", out.operand(attribute()));
    }

    @Override
    public String output(StatementWriter out, String x, String kernel) {
        if (products) {
            String matrix = out.value(
                    "torch.t(torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [%d, -1]))", kernel, of.outputs());
            return new RowProducts(rows, columns, of.inputs(), of.outputs()).write(out, x, matrix);
        }
        return out.value(
                "torch.conv2d(%1$s, %2$s, None, [%3$d, %3$d], [%4$d, %4$d], [1, 1], 1)",
                x, kernel, of.window().stride(), of.window().padding());
    }

    @Override
    public Gradients gradients(StatementWriter out, String x, String kernel, String dy) {
        return new Gradients(inputGradient(out, x, kernel, dy), kernelGradient(out, x, dy));
    }

    private String inputGradient(StatementWriter out, String x, String kernel, String dy) {
        if (products) {
            // With stride 1 it is a convolution of the gradient with the kernel turned round.
            String matrix = out.value(
                    "torch.reshape(torch.flip(torch.permute(%s, [2, 3, 0, 1]), [0, 1]), [-1, %d])",
                    kernel, of.inputs());
            return new RowProducts(rows, columns, of.outputs(), of.inputs()).write(out, dy, matrix);
        }
        return out.value(
                "(torch.convolution_backward(%1$s, %2$s, %3$s, None, [%4$d, %4$d], [%5$d, %5$d], [1, 1], False, [0, 0], 1,"
                        + " [True, False, False]))[0]",
                dy, x, kernel, of.window().stride(), of.window().padding());
    }

    private String kernelGradient(StatementWriter out, String x, String dy) {
        String pixels = out.value("torch.permute(%s, [0, 2, 3, 1])", x);
        String places = out.value("torch.permute(%s, [0, 2, 3, 1])", dy);
        StringJoiner products = new StringJoiner(", ", "[", "]");
        for (int row = 0; row < rows.taps(); row++) {
            String inRow = slice(out, pixels, 1, rows.pixels(row), of.window().stride());
            String dyInRow = slice(out, places, 1, rows.meeting(row), 1);
            for (int column = 0; column < columns.taps(); column++) {
                String met =
                        slice(out, inRow, 2, columns.pixels(column), of.window().stride());
                String at = slice(out, dyInRow, 2, columns.meeting(column), 1);
                products.add(out.value(
                        "torch.matmul(torch.t(torch.reshape(%s, [-1, %d])), torch.reshape(%s, [-1, %d]))",
                        at, of.outputs(), met, of.inputs()));
            }
        }
        // One pass brings it into the parameter's layout and number format.
        return out.value(
                "torch.copy_(torch.empty_like(torch.detach(self.%s)),"
                        + " torch.permute(torch.reshape(torch.stack(%s, 0), [%d, %d, %d, %d]), [2, 3, 0, 1]), False)",
                attribute(), products, rows.taps(), columns.taps(), of.outputs(), of.inputs());
    }

    private static String slice(StatementWriter out, String x, int dimension, Reach.Range range, int step) {
        return out.value("torch.slice(%s, %d, %d, %d, %d)", x, dimension, range.from(), range.to(), step);
    }
}
