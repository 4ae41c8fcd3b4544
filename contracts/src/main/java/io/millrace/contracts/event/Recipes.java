// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The recipes that come with Millrace, read from {@code recipes/<name>.json} beside the contracts. */
public final class Recipes {
    /** Their names, the default first. */
    public static final List<String> NAMES = List.of("quick", "accurate", "textbook");

    private Recipes() {}

    /**
     * The recipe of a name.
     *
     * @throws IllegalArgumentException when there is none; the message lists the names
     */
    public static Recipe named(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(
                    "unknown recipe \"" + name + "\"; there are " + String.join(", ", NAMES));
        }
        try (InputStream in = Recipes.class.getResourceAsStream("/io/millrace/contracts/recipes/" + name + ".json")) {
            return EventCodec.decode(in.readAllBytes(), Recipe.class);
        } catch (IOException e) {
            throw new UncheckedIOException("recipe " + name + " cannot be read", e);
        }
    }
}
