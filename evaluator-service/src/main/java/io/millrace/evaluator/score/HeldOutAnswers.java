// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Calibration.Familiarity;
import io.millrace.kafka.split.HeldOutSplit;
import io.millrace.model.Predictions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a network answers to a split that it was not trained on.
 *
 * @param logits {@code [N][K]}
 * @param labels {@code [N]}, indices of classes
 */
record HeldOutAnswers(float[][] logits, int[] labels) {
    /** So much of a split is to look familiar, as in the tables of Liu et al. */
    static final double RATE = 0.95;

    /** Asks a network about all of a split. */
    static HeldOutAnswers of(ScorableNetwork network, HeldOutSplit split) {
        List<float[]> rows = new ArrayList<>();
        for (ImageBatch batch : split.batches()) {
            rows.addAll(Arrays.asList(network.logits(batch)));
        }
        int[] labels = split.batches().stream()
                .flatMapToInt(batch -> Arrays.stream(batch.labels()))
                .toArray();
        return new HeldOutAnswers(rows.toArray(float[][]::new), labels);
    }

    /** The energy that {@value #RATE} of the samples have at least, of finite logits. */
    Familiarity familiarity() {
        double[] energies = Arrays.stream(logits)
                .mapToDouble(row -> new Predictions(row, row.length).energy(0))
                .sorted()
                .toArray();
        return new Familiarity(energies[(int) ((1 - RATE) * energies.length)], RATE);
    }
}
