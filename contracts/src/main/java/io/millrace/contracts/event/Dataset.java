// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.Normalization;
import java.util.List;

/**
 * The data set of a run, as far as its consumers need to know it.
 *
 * @param name such as {@code mnist}
 * @param digest SHA-256 (hex) over the decoded samples and labels of both splits: equal digest, equal data
 * @param trainSamples number of samples in the training split, those of the validation split included
 * @param testSamples number of samples in the test split
 * @param channels C of {@code [N,C,H,W]}
 * @param height H in pixels
 * @param width W in pixels
 * @param classes the label names; a sample's label is an index into this list
 * @param normalization what turns a pixel into the network's input
 * @param validation the part of the training split that is not trained on; null where there is none
 * @param input what its pictures have in common; data sets of before this field was there have {@code ink}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Dataset(
        String name,
        String digest,
        int trainSamples,
        int testSamples,
        int channels,
        int height,
        int width,
        List<String> classes,
        Normalization normalization,
        Validation validation,
        InputConvention input) {
    public Dataset {
        Fields.present(name, "dataset.name");
        Fields.present(digest, "dataset.digest");
        Fields.atLeast(1, trainSamples, "dataset.trainSamples");
        Fields.atLeast(0, testSamples, "dataset.testSamples");
        Fields.atLeast(1, channels, "dataset.channels");
        Fields.atLeast(1, height, "dataset.height");
        Fields.atLeast(1, width, "dataset.width");
        Fields.present(normalization, "dataset.normalization");
        Fields.require(
                "dataset.validation.samples",
                validation == null ? 0 : validation.samples(),
                validation == null || validation.samples() < trainSamples,
                "less than dataset.trainSamples, " + trainSamples);
        classes = List.copyOf(Fields.present(classes, "dataset.classes"));
        input = input == null ? InputConvention.INK : input;
    }

    /** Of {@code ink}, without a validation split. */
    public Dataset(
            String name,
            String digest,
            int trainSamples,
            int testSamples,
            int channels,
            int height,
            int width,
            List<String> classes,
            Normalization normalization) {
        this(name, digest, trainSamples, testSamples, channels, height, width, classes, normalization, null, null);
    }

    /** The same with a part of the training split set apart. */
    public Dataset with(Validation apart) {
        return new Dataset(
                name, digest, trainSamples, testSamples, channels, height, width, classes, normalization, apart, input);
    }

    /** The same with pictures of another convention. */
    public Dataset with(InputConvention convention) {
        return new Dataset(
                name,
                digest,
                trainSamples,
                testSamples,
                channels,
                height,
                width,
                classes,
                normalization,
                validation,
                convention);
    }

    /** What a network that learns from it takes. */
    public ImageShape shape() {
        return new ImageShape(channels, height, width);
    }

    /** How many samples are trained on. */
    public int trainedSamples() {
        return validation == null ? trainSamples : trainSamples - validation.samples();
    }

    /**
     * A part of the training split that is scored at the end of each epoch and never trained on. Its batches lie beside
     * those of the test split, under its own digest.
     *
     * @param fraction of the training split that was asked for, above 0 and below 1
     * @param digest SHA-256 (hex) over data set, encoding and the indices of its samples: equal digest, equal batches
     * @param samples how many it has
     */
    public record Validation(double fraction, String digest, int samples) {
        public Validation {
            Fields.fraction("dataset.validation.fraction", fraction);
            Fields.present(digest, "dataset.validation.digest");
            Fields.atLeast(1, samples, "dataset.validation.samples");
        }
    }
}
