// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A network as people write it: the name of one that is known, or one of their own, which has the members of a
 * {@link ResidualLayout} and, beside them, a name and the stem.
 *
 * <pre>{@code {"block": "basic", "depths": [3, 3, 6, 3], "stem": "cifar"}}</pre>
 *
 * @param name {@code own} where one's own has none
 * @param stem the usual one of its layout where nothing is said
 * @param layout of one's own; null for one that is known by its name
 */
public record NetworkFile(String name, Network.Stem stem, ResidualLayout layout) {
    static final String FIELD = "network";
    private static final String NAME = "name";
    private static final String STEM = "stem";
    private static final String UNNAMED = "own";
    private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /**
     * What somebody asks for.
     *
     * @param wanted a name or an object; null or JSON null: the default
     * @param stem that is asked for beside it; null when none is
     * @throws RefusedFieldException naming the first member that will not do
     */
    public static NetworkFile of(JsonNode wanted, Network.Stem stem) {
        if (wanted == null || wanted.isNull()) {
            return named(NamedNetworks.NAMES.get(0), stem);
        }
        if (wanted.isTextual()) {
            return named(wanted.textValue(), stem);
        }
        if (!(wanted instanceof ObjectNode given)) {
            throw new RefusedFieldException(FIELD, wanted, "a name, or an object with block, depths and what differs");
        }
        given.properties().forEach(member -> requireKnown(member.getKey(), member.getValue()));
        ObjectNode members = given.deepCopy();
        JsonNode name = members.remove(NAME);
        JsonNode inside = members.remove(STEM);
        Fields.require(
                STEM, text(stem), stem == null || inside == null, "left out, " + FIELD + "." + STEM + " says it");
        Network.Stem wantedStem =
                inside == null ? stem : StrictJson.read(inside, Network.Stem.class, FIELD + "." + STEM);
        if (members.isEmpty() && name != null && name.isTextual()) {
            return named(name.textValue(), wantedStem);
        }
        ResidualLayout layout = StrictJson.read(members, ResidualLayout.class, FIELD + ".");
        return new NetworkFile(name(name), or(wantedStem, layout), layout);
    }

    /** {@link #of} a file's content. */
    public static NetworkFile read(String json, Network.Stem stem) {
        try {
            return of(StrictJson.tree(json), stem);
        } catch (JsonProcessingException e) {
            throw new RefusedFieldException(FIELD, json, "JSON: " + e.getOriginalMessage());
        }
    }

    private static NetworkFile named(String name, Network.Stem stem) {
        return new NetworkFile(name, or(stem, NamedNetworks.layout(name)), null);
    }

    private static Network.Stem or(Network.Stem stem, ResidualLayout layout) {
        return stem == null ? layout.usualStem() : stem;
    }

    /** Whether a network of one's own may have this name. */
    public static boolean mayBeCalled(String name) {
        return NAMES.matcher(name).matches() && !NamedNetworks.known(name);
    }

    private static String name(JsonNode given) {
        if (given == null) {
            return UNNAMED;
        }
        Fields.require(
                FIELD + "." + NAME,
                given,
                given.isTextual() && mayBeCalled(given.textValue()),
                "a name of its own, of letters, digits, '.', '_' and '-', at most 64");
        return given.textValue();
    }

    private static String text(Network.Stem stem) {
        return stem == null ? null : StrictJson.tree(stem).textValue();
    }

    private static void requireKnown(String name, JsonNode value) {
        List<String> known = Stream.concat(
                        Stream.of(NAME, STEM),
                        Arrays.stream(ResidualLayout.class.getRecordComponents())
                                .map(RecordComponent::getName))
                .toList();
        Fields.require(
                FIELD + "." + name,
                value,
                known.contains(name),
                "left out, there is no such field; the nearest is " + Nearest.of(known, name) + ", of "
                        + String.join(", ", known));
    }

    /** What it is made of. */
    public ResidualLayout structure() {
        return layout == null ? NamedNetworks.layout(name) : layout;
    }

    /**
     * The network for such images and so many classes.
     *
     * @throws RefusedFieldException when the images are too small for it, or there is nothing to tell apart
     */
    public Network network(ImageShape image, int classes) {
        int side = Math.min(image.height(), image.width());
        int least = structure().smallestSide(stem);
        Fields.require(
                FIELD,
                name,
                side >= least,
                "one that takes images of " + image + ": with the stem " + text(stem) + " this one needs at least "
                        + least + " pixels a side" + otherStem(side));
        Fields.range("classes", classes, 2, Network.MOST_CLASSES);
        return new Network(name, stem, image.channels(), classes, layout);
    }

    private String otherStem(int side) {
        return Arrays.stream(Network.Stem.values())
                .filter(other -> structure().smallestSide(other) <= side)
                .findFirst()
                .map(other -> "; with the stem " + text(other) + " it takes these")
                .orElse("");
    }
}
