// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Configuration of the services by their own keys: {@code --set}. */
final class Settings {
    /** What {@code up} itself tells the services, and what to say instead. */
    private static final Map<String, String> OWNED = Map.ofEntries(
            Map.entry("kafka.bootstrap.servers", "use --port"),
            Map.entry("quarkus.http.host", "leave it out: everything listens on 127.0.0.1"),
            Map.entry("quarkus.http.port", "use --port"),
            Map.entry("millrace.checkpoints.dir", "use --work-dir"),
            Map.entry("millrace.dataset.cache-dir", "use --work-dir"),
            Map.entry("millrace.dataset.data-dir", "use --data-dir"),
            Map.entry("millrace.dataset.run.enabled", "leave it out: up is there to run something"),
            Map.entry("millrace.dataset.run.id", "leave it out: up names its runs"),
            Map.entry("millrace.dataset.run.recipe", "use --recipe"),
            Map.entry("millrace.dataset.run.dataset", "use --dataset"),
            Map.entry("millrace.dataset.run.fallback", "use --dataset, or leave both out"),
            Map.entry("millrace.dataset.run.epochs", "use --epochs"),
            Map.entry("millrace.dataset.run.batch-size", "use --batch-size"),
            Map.entry("millrace.dataset.run.seed", "use --seed"),
            Map.entry("millrace.dataset.run.precision", "use --precision"));

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Advanced: any configuration of any service, such as millrace.trainer.threads=2; given to all "
                            + "of them, and repeatable")
    private Map<String, String> values = new LinkedHashMap<>();

    /**
     * The values by their keys.
     *
     * @throws ParameterException naming the key that has an option of its own, and the option
     */
    Map<String, String> checked() {
        values.forEach((key, value) -> {
            if (OWNED.containsKey(key)) {
                throw new ParameterException(
                        command.commandLine(), "--set " + key + "=" + value + " will not do; " + OWNED.get(key));
            }
        });
        return values;
    }
}
