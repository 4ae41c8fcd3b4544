// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
 * @param run what tells the run from others of its name; empty in files from before it was kept
 */
record Extras(
        String batchesDigest,
        double trainSeconds,
        double waitSeconds,
        double trainingLoss,
        Map<Integer, Long> from,
        boolean last,
        Optional<String> run) {
    static final String BATCHES_DIGEST = "batches_digest";
    private static final String TRAIN_SECONDS = "train_seconds";
    private static final String WAIT_SECONDS = "wait_seconds";
    private static final String TRAINING_LOSS = "training_loss";
    private static final String OFFSETS_FROM = "offsets_from";
    private static final String FINAL = "final";
    private static final String RUN = "run";

    /** All of a run that its weights depend on, and when it was asked for: a start-up run has the same id each time. */
    static String identity(RunSpec run) {
        Recipe recipe = run.recipe();
        return "createdAt=%s dataset=%s network=%s shards=%s seed=%s batchesPerEpoch=%s epochs=%s batchSize=%s %s %s labelSmoothing=%s precision=%s channelsLast=%s"
                .formatted(
                        run.createdAt(),
                        run.dataset().digest(),
                        run.network(),
                        run.shards(),
                        run.seed(),
                        run.batchesPerEpoch(),
                        recipe.epochs(),
                        recipe.batchSize(),
                        recipe.optimizer(),
                        recipe.schedule(),
                        recipe.labelSmoothing(),
                        recipe.precision(),
                        recipe.channelsLast());
    }

    Map<String, String> toStrings() {
        Map<String, String> strings = new HashMap<>(Map.of(
                BATCHES_DIGEST, batchesDigest,
                TRAIN_SECONDS, Double.toString(trainSeconds),
                WAIT_SECONDS, Double.toString(waitSeconds),
                TRAINING_LOSS, Double.toString(trainingLoss),
                FINAL, Boolean.toString(last),
                OFFSETS_FROM,
                        from.entrySet().stream()
                                .map(entry -> entry.getKey() + ":" + entry.getValue())
                                .collect(Collectors.joining(","))));
        run.ifPresent(identity -> strings.put(RUN, identity));
        return strings;
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
                Boolean.parseBoolean(required(strings, FINAL)),
                Optional.ofNullable(strings.get(RUN)));
    }

    private static String required(Map<String, String> strings, String key) {
        String value = strings.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the state lacks " + key);
        }
        return value;
    }
}
