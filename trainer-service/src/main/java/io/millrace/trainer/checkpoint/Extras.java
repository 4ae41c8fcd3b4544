// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the trainer keeps in a checkpoint's state beside what every trainer would.
 *
 * @param batchesDigest of {@link BatchChain}
 * @param trainSeconds wall time of training
 * @param waitSeconds part of it in which batches were waited for
 * @param trainingLoss mean since the checkpoint before, as it was announced
 * @param from by partition, where that checkpoint ended
 * @param last whether the run ends here
 */
record Extras(
        String batchesDigest,
        double trainSeconds,
        double waitSeconds,
        double trainingLoss,
        Map<Integer, Long> from,
        boolean last) {
    static final String BATCHES_DIGEST = "batches_digest";
    private static final String TRAIN_SECONDS = "train_seconds";
    private static final String WAIT_SECONDS = "wait_seconds";
    private static final String TRAINING_LOSS = "training_loss";
    private static final String OFFSETS_FROM = "offsets_from";
    private static final String FINAL = "final";

    Map<String, String> toStrings() {
        return Map.of(
                BATCHES_DIGEST, batchesDigest,
                TRAIN_SECONDS, Double.toString(trainSeconds),
                WAIT_SECONDS, Double.toString(waitSeconds),
                TRAINING_LOSS, Double.toString(trainingLoss),
                FINAL, Boolean.toString(last),
                OFFSETS_FROM,
                        from.entrySet().stream()
                                .map(entry -> entry.getKey() + ":" + entry.getValue())
                                .collect(Collectors.joining(",")));
    }

    /** @throws IllegalArgumentException when something is missing or no number */
    static Extras of(Map<String, String> strings) {
        Map<Integer, Long> from = new TreeMap<>();
        for (String entry : required(strings, OFFSETS_FROM).split(",")) {
            String[] parts = entry.split(":", 2);
            from.put(Integer.valueOf(parts[0]), Long.valueOf(parts[1]));
        }
        return new Extras(
                required(strings, BATCHES_DIGEST),
                Double.parseDouble(required(strings, TRAIN_SECONDS)),
                Double.parseDouble(required(strings, WAIT_SECONDS)),
                Double.parseDouble(required(strings, TRAINING_LOSS)),
                from,
                Boolean.parseBoolean(required(strings, FINAL)));
    }

    private static String required(Map<String, String> strings, String key) {
        String value = strings.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the state lacks " + key);
        }
        return value;
    }
}
