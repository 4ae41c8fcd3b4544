// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;

/**
 * What somebody asks for: the body of {@code POST /runs}. Everything may be missing; what is given replaces the recipe's
 * value.
 *
 * @param recipe name of the recipe; {@code quick} when missing
 * @param dataset name of the data set; {@code mnist} when missing
 * @param strokes size of the data set {@code strokes}
 * @param network name of the network; {@code resnet18} when missing
 * @param stem its first layers; {@code imagenet} when missing
 * @param model name under which the result is served; the data set's when missing
 * @param seed of weights, shuffling and augmentation; 1 when missing
 * @param shards batches of one step; 1 when missing
 * @param epochs as in {@link Recipe}, like all that follow
 */
public record RunOrder(
        String recipe,
        String dataset,
        StrokesSize strokes,
        String network,
        Network.Stem stem,
        String model,
        Long seed,
        Integer shards,
        Integer epochs,
        Integer batchSize,
        Double momentum,
        Boolean nesterov,
        Double weightDecay,
        Recipe.Schedule.Kind schedule,
        Double learningRate,
        Double warmupFraction,
        Double labelSmoothing,
        Integer shift,
        Precision precision,
        Boolean channelsLast,
        Integer checkpointEverySteps) {

    /**
     * Size of the data set {@code strokes}; what is missing is taken from the configuration.
     *
     * @param trainSamples training samples
     * @param testSamples test samples
     */
    public record StrokesSize(Integer trainSamples, Integer testSamples) {}
}
