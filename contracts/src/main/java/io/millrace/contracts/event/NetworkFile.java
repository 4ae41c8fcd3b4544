// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A network of one's own as people write it: the members of a {@link ResidualLayout} and, beside them, the stem.
 *
 * <pre>{@code {"block": "basic", "depths": [3, 3, 6, 3], "stem": "cifar"}}</pre>
 *
 * @param stem imagenet where the file has none
 */
public record NetworkFile(Network.Stem stem, ResidualLayout layout) {
    private static final String STEM = "stem";

    /**
     * Reads a file.
     *
     * @throws RefusedFieldException naming the first member that will not do
     */
    public static NetworkFile read(String json) {
        JsonNode tree;
        try {
            tree = StrictJson.tree(json);
        } catch (JsonProcessingException e) {
            throw new RefusedFieldException("network", json, "JSON: " + e.getOriginalMessage());
        }
        if (!(tree instanceof ObjectNode members)) {
            throw new RefusedFieldException("network", tree, "an object with block, depths and what differs");
        }
        members.properties().forEach(member -> requireKnown(member.getKey(), member.getValue()));
        JsonNode stem = members.remove(STEM);
        return new NetworkFile(
                stem == null ? Network.Stem.IMAGENET : StrictJson.read(stem, Network.Stem.class, STEM),
                StrictJson.read(members, ResidualLayout.class, ""));
    }

    private static void requireKnown(String name, JsonNode value) {
        List<String> known = Stream.concat(
                        Stream.of(STEM),
                        Arrays.stream(ResidualLayout.class.getRecordComponents())
                                .map(RecordComponent::getName))
                .toList();
        if (!known.contains(name)) {
            String nearest = Collections.min(known, Comparator.comparingInt(option -> distance(option, name)));
            throw new RefusedFieldException(
                    name,
                    value,
                    "left out, there is no such field; the nearest is " + nearest + ", of " + String.join(", ", known));
        }
    }

    /** Letters to insert, leave out or replace. */
    private static int distance(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0]++;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j - 1], diagonal) + 1);
            }
        }
        return row[to.length()];
    }

    /** The network of this file for such images. */
    public Network network(String name, int inputChannels, int classes) {
        return new Network(name, stem, inputChannels, classes, layout);
    }
}
