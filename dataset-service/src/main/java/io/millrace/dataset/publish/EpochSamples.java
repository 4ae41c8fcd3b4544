// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.source.DataSource;
import java.util.Arrays;

/** Which samples the epochs of a run show, in their order. Keeps those of the latest epoch. Not thread-safe. */
final class EpochSamples {
    private final DataSource set;
    private final int[] trained;
    private Shown latest = new Shown(new int[0], new int[0]);
    private long seed;
    private int epoch = -1;

    /** @param trained those of the training split that are trained on */
    EpochSamples(DataSource set, int[] trained) {
        this.set = set;
        this.trained = trained;
    }

    /**
     * Samples one after the other.
     *
     * @param samples their numbers in the training split
     * @param times how often the epoch has shown each before
     */
    record Shown(int[] samples, int[] times) {}

    /** Some of an epoch, from a place in its order on. */
    Shown of(RunSpec spec, int epoch, int from, int count) {
        Shown all = epoch(spec, epoch);
        return new Shown(
                Arrays.copyOfRange(all.samples(), from, from + count),
                Arrays.copyOfRange(all.times(), from, from + count));
    }

    private Shown epoch(RunSpec spec, int wanted) {
        if (wanted != epoch || spec.seed() != seed) {
            latest = shown(spec, wanted);
            seed = spec.seed();
            epoch = wanted;
        }
        return latest;
    }

    private Shown shown(RunSpec spec, int wanted) {
        boolean balanced = spec.recipe().sampling() == Recipe.Sampling.BALANCED;
        int[] order = balanced
                ? EpochOrder.balanced(spec.seed(), wanted, labels())
                : EpochOrder.of(spec.seed(), wanted, trained.length);
        int[] samples = Arrays.stream(order).map(place -> trained[place]).toArray();
        int[] times = new int[samples.length];
        int[] shown = new int[balanced ? set.size(Split.TRAIN) : 0];
        for (int k = 0; balanced && k < samples.length; k++) {
            times[k] = shown[samples[k]]++;
        }
        return new Shown(samples, times);
    }

    /** The classes of all that are trained on, in the order of their numbers. */
    int[] labels() {
        return Arrays.stream(trained)
                .map(sample -> set.label(Split.TRAIN, sample))
                .toArray();
    }
}
