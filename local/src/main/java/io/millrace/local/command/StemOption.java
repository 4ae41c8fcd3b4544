// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The first layers of a network: {@code --stem}. */
final class StemOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--stem",
            paramLabel = "imagenet|cifar",
            description = "First layers: 7x7 with stride 2 and a pool, or 3x3. Default: the usual ones of each network")
    private String stem;

    /** Null when none is asked for. */
    Network.Stem stem() {
        try {
            return stem == null ? null : StrictJson.read(TextNode.valueOf(stem), Network.Stem.class, "stem");
        } catch (RefusedFieldException e) {
            throw refused(e);
        }
    }

    /** As people write it; empty when none is asked for. */
    Optional<String> text() {
        return Optional.ofNullable(stem()).map(known -> stem);
    }

    ParameterException refused(RefusedFieldException e) {
        return new ParameterException(
                command.commandLine(), "--stem " + stem + " will not do; it must be " + e.remedy());
    }
}
