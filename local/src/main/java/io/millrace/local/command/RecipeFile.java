// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Recipes as people name them: one that comes with Millrace, or a file with what differs from one. Stateless. */
final class RecipeFile {
    private static final String ENDING = ".json";

    private RecipeFile() {}

    /** Whether it is a file's name. */
    static boolean is(String wanted) {
        return wanted.endsWith(ENDING);
    }

    /**
     * The recipe as it stands there, not checked; of a name, that name alone.
     *
     * @throws Refusal when there is no such file, or no JSON object in it; the message begins with its name
     */
    static ObjectNode read(String wanted) {
        return is(wanted)
                ? file(Path.of(wanted))
                : JsonNodeFactory.instance.objectNode().put("name", wanted);
    }

    private static ObjectNode file(Path file) {
        try {
            if (StrictJson.tree(Files.readString(file, UTF_8)) instanceof ObjectNode object) {
                return object;
            }
            throw new Refusal(file + " will not do; it must be a file with a JSON object");
        } catch (JsonProcessingException e) {
            throw new Refusal(file + " will not do; it must be JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Refusal(file + " will not do; it must be a file that exists and can be read");
        }
    }
}
