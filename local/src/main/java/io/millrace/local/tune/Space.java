// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What is searched. Each trial's values are drawn independently of the others', rate and decay log-uniformly. Immutable.
 *
 * @param learningRate of the schedule
 * @param weightDecay of the optimizer
 * @param augmentation factor on how much the recipe's own augmentation changes an image; empty: it stays as it is
 */
public record Space(Range learningRate, Range weightDecay, Optional<Range> augmentation) {
    /** Values of the first trials; more trials have the same first values, and a range that is fixed moves no other value. */
    public List<Values> draw(long seed, int trials) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> draw(random)).limit(trials).toList();
    }

    /** Where all are least, and where all are largest. */
    public List<Values> ends() {
        return List.of(
                new Values(learningRate.low(), weightDecay.low(), augmentation.map(Range::low)),
                new Values(learningRate.high(), weightDecay.high(), augmentation.map(Range::high)));
    }

    private Values draw(SplittableRandom random) {
        double rate = learningRate.logarithmic(random.nextDouble());
        double decay = weightDecay.logarithmic(random.nextDouble());
        double part = random.nextDouble();
        return new Values(rate, decay, augmentation.map(range -> range.linear(part)));
    }
}
