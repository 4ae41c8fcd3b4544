// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.Network;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints what networks are made of, for whoever does not carry this module: the {@code millrace} command starts it with
 * arguments that it has checked. No native library is loaded.
 *
 * <pre>
 * catalog SHAPE CLASSES BATCH_SIZE [STEM]
 * summary SHAPE BATCH_SIZE NETWORK      the network as in events, JSON
 * graph SHAPE NETWORK                   see {@link GraphText}
 * </pre>
 */
public final class SummaryMain {
    private SummaryMain() {}

    public static void main(String[] arguments) throws MalformedEventException {
        ImageShape image = ImageShape.of(arguments[1]);
        String text =
                switch (arguments[0]) {
                    case "catalog" ->
                        Catalog.of(image, number(arguments[2]), stem(arguments), number(arguments[3]))
                                .text();
                    case "summary" ->
                        Summary.of(network(arguments[3]), image.height(), image.width(), number(arguments[2]))
                                .text();
                    case "graph" -> GraphText.of(network(arguments[2]), image.height(), image.width());
                    default -> throw new IllegalArgumentException("catalog, summary or graph, not " + arguments[0]);
                };
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
        out.print(text);
        out.flush();
    }

    private static int number(String argument) {
        return Integer.parseInt(argument);
    }

    private static Network.Stem stem(String... arguments) {
        return arguments.length < 5 ? null : Network.Stem.valueOf(arguments[4].toUpperCase(Locale.ROOT));
    }

    private static Network network(String json) throws MalformedEventException {
        return EventCodec.decode(json.getBytes(UTF_8), Network.class);
    }
}
