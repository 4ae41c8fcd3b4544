// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.registry.ModelCard;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The answer for one image.
 *
 * @param label of the most probable class
 * @param probability of that class, 0 to 1
 * @param top the most probable classes, best first
 * @param model name of the model that answered
 * @param version id of its checkpoint
 * @param timing where the time went
 */
public record Prediction(
        String label, double probability, List<Candidate> top, String model, String version, Timing timing) {
    /**
     * One class.
     *
     * @param label its name
     * @param probability 0 to 1
     */
    public record Candidate(String label, double probability) {}

    /**
     * Milliseconds of the request; images of one request share them.
     *
     * @param queueMs waiting for a worker
     * @param decodeMs reading and converting all images
     * @param inferMs in the network
     */
    public record Timing(double queueMs, double decodeMs, double inferMs) {}

    /** The best classes of one row of probabilities; the lower class first where two are equal. */
    static Prediction of(float[] probabilities, int top, ModelCard model, Timing timing) {
        List<Candidate> candidates = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer index) -> -probabilities[index]))
                .limit(top)
                .map(index -> new Candidate(model.classes().get(index), probabilities[index]))
                .toList();
        Candidate best = candidates.get(0);
        return new Prediction(best.label(), best.probability(), candidates, model.name(), model.version(), timing);
    }
}
