// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RecipeKey;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace recipes}. */
@Command(
        name = "recipes",
        description =
                "Lists the recipes; of one of them, or of a file of yours, every key: its value, what holds where it"
                        + " is not said, its unit, and what it means.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RecipesCommand implements Callable<Integer> {
    private static final List<String> HEAD = List.of("key", "value", "default", "unit", "meaning");
    private static final String UNSAID = "-";
    private static final ObjectWriter PRETTY = JsonMapper.builder().build().writerWithDefaultPrettyPrinter();

    @Spec
    private CommandSpec command;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME|FILE.json",
            description = "A recipe, or a file with what differs from one. Without it: all are listed")
    private String wanted;

    @Option(names = "--json", description = "The whole recipe as JSON, to begin a file of your own with")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = command.commandLine().getOut();
        if (wanted == null) {
            if (json) {
                throw new ParameterException(
                        command.commandLine(), "--json will not do; it must be given with the name of a recipe");
            }
            Recipes.NAMES.forEach(
                    name -> out.println(name + "\n    " + Recipes.named(name).description()));
            out.println("./millrace recipes NAME says all of one; --set KEY=VALUE and --recipe FILE.json change it.");
        } else if (json) {
            out.println(PRETTY.writeValueAsString(StrictJson.tree(recipe())));
        } else {
            Recipe recipe = recipe();
            out.println(recipe.name() + ": " + recipe.description());
            table(rows(StrictJson.tree(recipe))).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    private Recipe recipe() {
        try {
            return Recipes.of(RecipeFile.read(wanted));
        } catch (Refusal e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        } catch (RefusedFieldException e) {
            throw new ParameterException(command.commandLine(), wanted + ": " + e.getMessage(), e);
        }
    }

    private static List<List<String>> rows(JsonNode recipe) {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        for (RecipeKey key : RecipeKey.all()) {
            rows.add(List.of(key.path(), value(recipe, key.path()), key.otherwise(), key.unit(), key.meaning()));
        }
        return rows;
    }

    /** Of what is in a list, all values with commas between them. */
    private static String value(JsonNode recipe, String path) {
        JsonNode at = recipe;
        String[] names = path.split("\\.");
        for (int depth = 0; depth < names.length; depth++) {
            if (at.isArray()) {
                return listed(at, names[depth]);
            }
            at = at.path(names[depth]);
        }
        return text(at);
    }

    private static String listed(JsonNode list, String name) {
        List<String> values = new ArrayList<>();
        list.forEach(element -> values.add(text(element.path(name))));
        return values.isEmpty() ? UNSAID : String.join(", ", values);
    }

    private static String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return UNSAID;
        }
        return value.isTextual() ? value.textValue() : value.toString();
    }

    /** In columns; of a description, which is above the table, no more than would fit. */
    private static List<String> table(List<List<String>> rows) {
        int columns = HEAD.size() - 1;
        int[] widths = new int[columns];
        rows.stream().filter(row -> !row.get(0).equals("description")).forEach(row -> {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        });
        return rows.stream()
                .filter(row -> !row.get(0).equals("description"))
                .map(row -> line(row, widths))
                .toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            line.append(row.get(column))
                    .append(" ".repeat(widths[column] - row.get(column).length() + 2));
        }
        return line + row.get(widths.length);
    }
}
