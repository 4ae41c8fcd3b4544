// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.Ports;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which stack, and with which token it is asked: {@code --port}, {@code --token-file}. */
final class StackOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = Ports.DEFAULT_BASE,
            description = "inference-service listens on N (${DEFAULT-VALUE}), dataset on N+1, trainer on N+2, "
                    + "evaluator on N+3, further trainers on N+4 to N+10, gRPC of inference on N+11, Kafka on N+12 and N+13; health and metrics of "
                    + "each are 1000 above; all on 127.0.0.1")
    private int port;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "The token with which the services are asked, where they want one; up and serve make it where the "
                            + "file is not there. Without: $MILLRACE_TOKEN_FILE, or no token")
    private Path tokenFile;

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

    /**
     * The token of a stack that runs.
     *
     * @throws Refusal when the file holds none
     */
    AccessToken token() {
        return file().map(AccessToken::read).orElse(AccessToken.NONE);
    }

    /**
     * The token of a stack that is started.
     *
     * @throws Refusal when the file holds none, or cannot be made
     */
    AccessToken ownToken() {
        return file().map(AccessToken::readOrMake).orElse(AccessToken.NONE);
    }

    private Optional<Path> file() {
        return Optional.ofNullable(tokenFile).or(() -> Optional.ofNullable(System.getenv("MILLRACE_TOKEN_FILE"))
                .filter(named -> !named.isBlank())
                .map(Path::of));
    }
}
