// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.script.StatementWriter;
import java.util.StringJoiner;

/**
 * A convolution with stride 1 that keeps the size of a map, as matrix products: what the window sees at each place, times
 * the kernel. Rows of places from which the same rows of taps meet the map are one product, so that the padding above and
 * below is not multiplied.
 *
 * @param rows as many places as pixels
 * @param columns as many places as pixels
 */
record RowProducts(Reach rows, Reach columns, int inputs, int outputs) {
    /** Writes it for channels-last maps and a matrix {@code [taps · inputs, outputs]}. */
    String write(StatementWriter out, String x, String matrix) {
        String padded = out.value(
                "torch.contiguous(torch.constant_pad_nd(torch.permute(%s, [0, 2, 3, 1]), [0, 0, %d, %d], 0),"
                        + " memory_format=0)",
                x, columns.before(), columns.after());
        StringJoiner products = new StringJoiner(", ", "[", "]");
        int from = 0;
        while (from < rows.places()) {
            int to = from + 1;
            while (to < rows.places() && rows.met(to).equals(rows.met(from))) {
                to++;
            }
            products.add(product(out, padded, matrix, new Reach.Range(from, to)));
            from = to;
        }
        return out.value("torch.permute(torch.cat(%s, 1), [0, 3, 1, 2])", products);
    }

    private String product(StatementWriter out, String padded, String matrix, Reach.Range places) {
        Reach.Range taps = rows.met(places.from());
        int inRow = (columns.before() + columns.side() + columns.after()) * inputs;
        int tapRow = columns.taps() * inputs;
        int count = places.to() - places.from();
        String seen = out.value(
                "torch.as_strided(%s, [torch.size(%s, 0), %d, %d, %d, %d], [%d, %d, %d, %d, 1], %d)",
                padded,
                padded,
                count,
                columns.places(),
                taps.to() - taps.from(),
                tapRow,
                rows.side() * inRow,
                inRow,
                inputs,
                inRow,
                rows.pixel(places.from(), taps.from()) * inRow);
        return out.value(
                "torch.reshape(torch.matmul(torch.reshape(%s, [-1, %d]), torch.slice(%s, 0, %d, %d, 1)), [-1, %d, %d, %d])",
                seen,
                (taps.to() - taps.from()) * tapRow,
                matrix,
                taps.from() * tapRow,
                taps.to() * tapRow,
                count,
                columns.places(),
                outputs);
    }
}
