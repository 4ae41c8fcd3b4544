// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.StrictJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --set}: members of the recipe by their paths, and configuration of the services by their own keys. */
final class SetOption {
    private static final Pattern CONFIGURATION = Pattern.compile("(millrace|kafka|quarkus|mp|smallrye)\\..+");
    private static final Pattern MEMBER = Pattern.compile("[^.]+(\\.[^.]+)*");

    /** What has an option of its own, or is decided by {@code up}, and what to say instead. */
    private static final Map<String, String> OWNED = Map.ofEntries(
            Map.entry("name", "use --recipe"),
            Map.entry("epochs", "use --epochs"),
            Map.entry("batchSize", "use --batch-size"),
            Map.entry("precision", "use --precision"),
            Map.entry("validation", "use --validation"),
            Map.entry("sync.everySteps", "use --sync-every"),
            Map.entry("seed", "use --seed"),
            Map.entry("kafka.bootstrap.servers", "use --port"),
            Map.entry("quarkus.http.host", "leave it out: everything listens on 127.0.0.1"),
            Map.entry("quarkus.http.port", "use --port"),
            Map.entry("millrace.checkpoints.dir", "use --work-dir, or millrace.checkpoints.uri=s3://bucket/prefix"),
            Map.entry("millrace.dataset.cache-dir", "use --work-dir"),
            Map.entry("millrace.dataset.data-dir", "use --data-dir"),
            Map.entry("millrace.dataset.run.enabled", "leave it out: up is there to run something"),
            Map.entry("millrace.dataset.run.id", "leave it out: up names its runs"),
            Map.entry("millrace.dataset.run.recipe", "use --recipe, and --set with the members that are to differ"),
            Map.entry("millrace.dataset.run.network", "use --network"),
            Map.entry("millrace.dataset.run.stem", "use --stem"),
            Map.entry("millrace.dataset.run.weights", "use --weights"),
            Map.entry("millrace.dataset.run.sha256", "use --sha256"),
            Map.entry("millrace.dataset.run.dataset", "use --dataset"),
            Map.entry("millrace.dataset.run.fallback", "use --dataset, or leave both out"),
            Map.entry("millrace.dataset.run.seed", "use --seed"),
            Map.entry("millrace.dataset.run.shards", "use --shards"));

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A member of the recipe, such as optimizer.momentum=0.95 or schedule.kind=cosine; or, "
                    + "advanced, any configuration of any service by its own key, such as millrace.trainer.threads=2, "
                    + "which is given to all of them. Repeatable")
    private Map<String, String> values = new LinkedHashMap<>();

    /** Configuration of the services, by its keys. */
    Map<String, String> configuration() {
        checkOwned();
        Map<String, String> configuration = new LinkedHashMap<>(values);
        configuration.keySet().removeIf(key -> !CONFIGURATION.matcher(key).matches());
        return configuration;
    }

    /** The same, of a command that trains nothing: a member of a recipe is refused. */
    Map<String, String> onlyConfiguration() {
        values.forEach((key, value) -> {
            if (!CONFIGURATION.matcher(key).matches()) {
                throw refused(
                        key,
                        value,
                        "nothing is trained here; name a setting of a service, such as "
                                + "millrace.inference.max-pending");
            }
        });
        return configuration();
    }

    /** Puts the members into a recipe. In the order of their names, so that equal options give equal recipes. */
    void into(ObjectNode recipe) {
        checkOwned();
        new TreeMap<>(values).forEach((key, value) -> {
            if (CONFIGURATION.matcher(key).matches()) {
                return;
            }
            if (!MEMBER.matcher(key).matches()) {
                throw refused(key, value, "name a member of the recipe, such as optimizer.momentum");
            }
            ObjectNode object = recipe;
            String[] path = key.split("\\.");
            for (int depth = 0; depth < path.length - 1; depth++) {
                object = object.get(path[depth]) instanceof ObjectNode there ? there : object.putObject(path[depth]);
            }
            object.set(path[path.length - 1], json(value));
        });
    }

    /** Numbers, booleans and whatever else is JSON; everything else is text. */
    private static JsonNode json(String value) {
        try {
            JsonNode tree = StrictJson.tree(value);
            return tree.isMissingNode() ? TextNode.valueOf(value) : tree;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(value);
        }
    }

    private void checkOwned() {
        values.forEach((key, value) -> {
            if (key.equals("millrace.checkpoints.uri") && !value.startsWith("s3://")) {
                throw refused(key, value, "it takes s3://bucket/prefix; for another directory, use --work-dir");
            }
            if (OWNED.containsKey(key)) {
                throw refused(key, value, OWNED.get(key));
            }
        });
    }

    private ParameterException refused(String key, String value, String remedy) {
        return new ParameterException(command.commandLine(), "--set " + key + "=" + value + " will not do; " + remedy);
    }
}
