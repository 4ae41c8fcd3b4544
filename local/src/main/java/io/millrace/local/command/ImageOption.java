// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RefusedFieldException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a network would be trained on: {@code --shape}, {@code --classes} and {@code --batch-size}. */
final class ImageOption {
    private static final int LARGEST_BATCH = 1_000_000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--shape",
            paramLabel = "CxHxW",
            defaultValue = "1x28x28",
            description = "Channels, height and width of an image. Default: ${DEFAULT-VALUE}")
    private String shape;

    @Option(
            names = "--classes",
            paramLabel = "N",
            defaultValue = "10",
            description = "Classes to tell apart. Default: ${DEFAULT-VALUE}")
    private int classes;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "128",
            description = "Images in a step, for the memory that training takes. Default: ${DEFAULT-VALUE}")
    private int batchSize;

    ImageShape shape() {
        try {
            return ImageShape.of(shape);
        } catch (RefusedFieldException e) {
            throw refused("--shape", shape, e.remedy());
        }
    }

    int classes() {
        return range("--classes", classes, 2, Network.MOST_CLASSES);
    }

    int batchSize() {
        return range("--batch-size", batchSize, 1, LARGEST_BATCH);
    }

    private int range(String option, int value, int low, int high) {
        if (value < low || value > high) {
            throw refused(option, value, "a whole number from " + low + " to " + high);
        }
        return value;
    }

    private ParameterException refused(String option, Object value, String remedy) {
        return new ParameterException(
                command.commandLine(), option + " " + value + " will not do; it must be " + remedy);
    }
}
