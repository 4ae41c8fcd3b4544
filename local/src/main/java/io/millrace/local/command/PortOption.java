// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.stack.Ports;
import picocli.CommandLine.Option;

/** Which stack: {@code --port}. */
final class PortOption {
    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = Ports.DEFAULT_BASE,
            description = "inference-service listens on N (${DEFAULT-VALUE}), dataset on N+1, trainer on N+2, "
                    + "evaluator on N+3, Kafka on N+12 and N+13; all on 127.0.0.1")
    private int port;

    Ports ports() {
        return new Ports(port);
    }
}
