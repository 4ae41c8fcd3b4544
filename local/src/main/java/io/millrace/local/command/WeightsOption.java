// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.ImageNetWeights;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.event.Start.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a run starts from: {@code --weights}, or {@code --from}, which is the same, and {@code --sha256}. */
final class WeightsOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"--weights", "--from"},
            paramLabel = "FILE|ID|ADDRESS|imagenet",
            description =
                    "Start from these instead of fresh ones: a safetensors file, the id of a checkpoint in the work "
                            + "directory, an https: address (with --sha256), or imagenet (resnet18, resnet34, resnet50)")
    private String weights;

    @Option(
            names = "--sha256",
            paramLabel = "DIGEST",
            description = "Of the file with the weights, as sha256sum prints")
    private String sha256;

    /**
     * As in an order; empty when nothing was asked for.
     *
     * @throws ParameterException naming the option, its value and what it may be
     */
    Optional<Start> start(NetworkFile network) {
        if (weights == null) {
            if (sha256 != null) {
                throw refused("--sha256 " + sha256 + " will not do; it must be left out without --weights");
            }
            return Optional.empty();
        }
        try {
            Start start = new Start(absolute(weights), sha256);
            if (start.kind() == Kind.IMAGENET) {
                ImageNetWeights.of(network);
            }
            if (start.kind() == Kind.FILE && !Files.isReadable(Path.of(Start.path(start.weights())))) {
                throw refused("--weights " + weights + " will not do; it must be a file that exists and can be read");
            }
            return Optional.of(start);
        } catch (RefusedFieldException e) {
            String value = e.field().equals("weights") ? weights : sha256;
            throw refused("--" + e.field() + (value == null ? " is missing" : " " + value + " will not do")
                    + "; it must be " + e.remedy());
        }
    }

    /** What is a file here is one for the trainer, wherever that runs. */
    private static String absolute(String given) {
        return !given.contains(":") && Files.exists(Path.of(given))
                ? Path.of(given).toAbsolutePath().normalize().toString()
                : given;
    }

    private ParameterException refused(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
