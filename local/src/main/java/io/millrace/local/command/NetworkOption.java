// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which network: {@code --network} and {@code --stem}. */
final class NetworkOption {
    private static final String FILE = ".json";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--network",
            paramLabel = "NAME|FILE.json",
            description = "A network that ./millrace networks lists, or a file with one of your own, such as "
                    + "{\"block\": \"basic\", \"depths\": [1, 1, 1], \"stem\": \"cifar\"}. Default: resnet18")
    private String network;

    @Mixin
    private StemOption stem;

    /**
     * What was asked for.
     *
     * @throws ParameterException naming the option, its value and what it may be
     */
    NetworkFile file() {
        return file(network);
    }

    /** As configuration of dataset-service: a name or JSON; empty when nothing was asked for. */
    Optional<String> network() {
        file();
        return Optional.ofNullable(network)
                .map(this::json)
                .map(json -> json.isTextual() ? json.textValue() : json.toString());
    }

    /** As configuration of dataset-service; empty when nothing was asked for. */
    Optional<String> stem() {
        return stem.text();
    }

    /**
     * The network for such images and so many classes.
     *
     * @param name that was given without {@code --network}; null when none was
     * @throws ParameterException naming the option, its value and what it may be
     */
    Network of(String name, ImageShape image, int classes) {
        if (name != null && network != null) {
            throw refused("--network", network, "left out beside " + name);
        }
        String wanted = name == null ? network : name;
        try {
            return file(wanted).network(image, classes);
        } catch (RefusedFieldException e) {
            throw refused(wanted, e);
        }
    }

    private NetworkFile file(String wanted) {
        try {
            return NetworkFile.of(wanted == null ? null : json(wanted), stem.stem());
        } catch (RefusedFieldException e) {
            throw refused(wanted, e);
        }
    }

    /** What a field's refusal is as one of options. */
    private ParameterException refused(String wanted, RefusedFieldException e) {
        if (e.field().equals("stem")) {
            return stem.refused(e);
        }
        if (e.field().equals("network")) {
            boolean nameOrFile = !isFile(wanted) && !NamedNetworks.known(wanted);
            return refused(label(wanted), wanted, e.remedy() + (nameOrFile ? "; or a file, FILE.json" : ""));
        }
        return new ParameterException(command.commandLine(), label(wanted) + " " + wanted + ": " + e.getMessage(), e);
    }

    /** How the network was said. */
    private String label(String wanted) {
        return wanted.equals(network) ? "--network" : "network";
    }

    private JsonNode json(String wanted) {
        return isFile(wanted) ? read(Path.of(wanted)) : TextNode.valueOf(wanted);
    }

    private static boolean isFile(String wanted) {
        return wanted != null && wanted.endsWith(FILE);
    }

    /** A file's network is called as the file is, unless it says otherwise. */
    private JsonNode read(Path file) {
        try {
            JsonNode json = StrictJson.tree(Files.readString(file, UTF_8));
            String name = file.getFileName().toString().replaceFirst("\\.json$", "");
            if (json instanceof ObjectNode object && !object.has("name") && NetworkFile.mayBeCalled(name)) {
                object.put("name", name);
            }
            return json;
        } catch (JsonProcessingException e) {
            throw refused(label(file.toString()), file, "JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw refused(label(file.toString()), file, "a file that exists and can be read");
        }
    }

    private ParameterException refused(String option, Object value, String remedy) {
        return new ParameterException(
                command.commandLine(), option + " " + value + " will not do; it must be " + remedy);
    }
}
