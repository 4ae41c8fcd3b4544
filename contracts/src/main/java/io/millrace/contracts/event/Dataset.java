// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import io.millrace.contracts.Normalization;
import java.util.List;

/**
 * The data set of a run, as far as its consumers need to know it.
 *
 * @param name such as {@code mnist}
 * @param digest SHA-256 (hex) over the decoded samples and labels of both splits: equal digest, equal data
 * @param trainSamples number of samples in the training split
 * @param testSamples number of samples in the test split
 * @param channels C of {@code [N,C,H,W]}
 * @param height H in pixels
 * @param width W in pixels
 * @param classes the label names; a sample's label is an index into this list
 * @param normalization what turns a pixel into the network's input
 */
public record Dataset(
        String name,
        String digest,
        int trainSamples,
        int testSamples,
        int channels,
        int height,
        int width,
        List<String> classes,
        Normalization normalization) {
    public Dataset {
        Fields.present(name, "dataset.name");
        Fields.present(digest, "dataset.digest");
        Fields.atLeast(1, trainSamples, "dataset.trainSamples");
        Fields.atLeast(0, testSamples, "dataset.testSamples");
        Fields.atLeast(1, channels, "dataset.channels");
        Fields.atLeast(1, height, "dataset.height");
        Fields.atLeast(1, width, "dataset.width");
        Fields.present(normalization, "dataset.normalization");
        classes = List.copyOf(Fields.present(classes, "dataset.classes"));
    }
}
