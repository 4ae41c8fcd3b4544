// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What is answered.
 *
 * @param predictions one for each image, in their order
 */
public record Answered(Asked asked, List<Prediction> predictions) {
    /** The same, with where each image stood, where there are several. */
    Answered from(List<UploadedFiles.Place> places) {
        return asked.several()
                ? new Answered(
                        asked,
                        IntStream.range(0, predictions.size())
                                .mapToObj(index -> predictions.get(index).from(places.get(index)))
                                .toList())
                : this;
    }

    /** As {@code /classify} has it: one, or {@link Predictions}. */
    Object body() {
        return asked.several() ? new Predictions(predictions) : predictions.get(0);
    }
}
