// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import java.util.List;

/**
 * The networks that are known by name, for images of one size.
 *
 * @param image shape of an image
 * @param classes of the logits
 * @param batchSize images in a step
 * @param entries one for each, in the order of {@link NamedNetworks#NAMES}
 */
public record Catalog(ImageShape image, int classes, int batchSize, List<Entry> entries) {
    public Catalog {
        entries = List.copyOf(entries);
    }

    /**
     * A network. Numbers are absent where such images are too small for it.
     *
     * @param name of the network
     * @param stem how it looks at the image
     * @param parameters that it trains, for so many channels and classes
     * @param live of these, those that such images ever reach
     * @param multiplyAdds for one image
     * @param trainingBytes on the device while a batch is trained on, about
     * @param problem why there are no numbers; absent where there are
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(
            String name,
            Network.Stem stem,
            Long parameters,
            Long live,
            Long multiplyAdds,
            Long trainingBytes,
            String problem) {}

    /**
     * All of them.
     *
     * @param stem of each; null for the usual one of each
     */
    public static Catalog of(ImageShape image, int classes, Network.Stem stem, int batchSize) {
        List<Entry> entries = NamedNetworks.NAMES.stream()
                .map(name -> entry(NetworkFile.of(TextNode.valueOf(name), stem), image, classes, batchSize))
                .toList();
        return new Catalog(image, classes, batchSize, entries);
    }

    private static Entry entry(NetworkFile file, ImageShape image, int classes, int batchSize) {
        int least = file.structure().smallestSide(file.stem());
        if (Math.min(image.height(), image.width()) < least) {
            return new Entry(
                    file.name(), file.stem(), null, null, null, null, "needs at least " + least + " pixels a side");
        }
        Summary summary = Summary.of(file.network(image, classes), image.height(), image.width(), batchSize);
        return new Entry(
                file.name(),
                file.stem(),
                summary.parameters(),
                summary.live(),
                summary.multiplyAdds(),
                summary.memory().total(),
                null);
    }

    /** As a table for people. */
    public String text() {
        Table table = new Table("<network", "<stem", ">parameters", ">live", ">multiply-adds", ">memory for training");
        for (Entry entry : entries) {
            if (entry.problem() == null) {
                table.row(
                        entry.name(),
                        Table.word(entry.stem()),
                        Table.number(entry.parameters()),
                        Table.share(entry.live(), entry.parameters()),
                        Table.number(entry.multiplyAdds()),
                        Table.bytes(entry.trainingBytes()));
            } else {
                table.row(entry.name(), Table.word(entry.stem()), "", "", "", entry.problem());
            }
        }
        return "for images of %s and %d classes, in batches of %d:%n%n%s".formatted(image, classes, batchSize, table);
    }
}
