// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.stack.Ports;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which stack: {@code --port}. */
final class PortOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = Ports.DEFAULT_BASE,
            description = "inference-service listens on N (${DEFAULT-VALUE}), dataset on N+1, trainer on N+2, "
                    + "evaluator on N+3, Kafka on N+12 and N+13; all on 127.0.0.1")
    private int port;

    /**
     * The ports that follow from it.
     *
     * @throws ParameterException when it is out of range
     */
    Ports ports() {
        try {
            return new Ports(port);
        } catch (Refusal e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
