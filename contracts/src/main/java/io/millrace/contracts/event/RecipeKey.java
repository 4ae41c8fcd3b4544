// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A key of recipes, for people.
 *
 * @param path names with dots between them, such as {@code optimizer.momentum}
 * @param otherwise what holds where a recipe does not say it
 * @param unit empty where it has none
 * @param meaning in a few words; what belongs to one kind begins with it
 */
public record RecipeKey(String path, String otherwise, String unit, String meaning) {
    private static final String SEPARATOR = "\\|";
    private static final String REMARK = "#";

    /** All that there are, in the order in which a recipe has them, from {@code recipes/keys.txt}. */
    public static List<RecipeKey> all() {
        try (InputStream in = RecipeKey.class.getResourceAsStream("/io/millrace/contracts/recipes/keys.txt")) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith(REMARK))
                    .map(RecipeKey::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the keys of recipes cannot be read", e);
        }
    }

    private static RecipeKey of(String line) {
        String[] parts = line.split(SEPARATOR, -1);
        return new RecipeKey(parts[0].strip(), parts[1].strip(), parts[2].strip(), parts[3].strip());
    }
}
