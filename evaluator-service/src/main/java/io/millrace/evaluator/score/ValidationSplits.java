// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.split.HeldOutSplit;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The validation splits of runs, which lie beside the test splits. For one thread at a time. */
public final class ValidationSplits implements CheckpointScoring.ValidationSplitSource {
    /** How long one that did not come is not waited for again: each wait holds up all checkpoints. */
    private static final Duration AGAIN = Duration.ofMinutes(10);

    private final Function<String, Optional<RunSpec>> runs;
    private final CheckpointScoring.TestSplitSource splits;
    private final InstantSource clock;
    /** By the digest of the split. */
    private final Map<String, Missing> missing = new HashMap<>();

    /** Why a split is not there, and until when it is not waited for again. */
    private record Missing(String why, Instant until) {}

    /** @param runs by their incarnations */
    public ValidationSplits(
            Function<String, Optional<RunSpec>> runs, CheckpointScoring.TestSplitSource splits, InstantSource clock) {
        this.runs = runs;
        this.splits = splits;
        this.clock = clock;
    }

    @Override
    public HeldOutSplit of(CheckpointPublished checkpoint) throws UncalibratedException, InterruptedException {
        RunSpec run = runs.apply(checkpoint.checkpoint().incarnation())
                .orElseThrow(() -> new UncalibratedException("nothing is known of its run"));
        Dataset.Validation validation = run.dataset().validation();
        if (validation == null) {
            throw new UncalibratedException(
                    "its run has no validation split: what it was trained on tells nothing of its"
                            + " confidence, and the test split is for the score; the recipe's \"validation\" sets one apart");
        }
        Missing known = missing.get(validation.digest());
        if (known != null && clock.instant().isBefore(known.until())) {
            throw unreadable(known.why());
        }
        try {
            HeldOutSplit split = splits.get(validation.digest());
            missing.remove(validation.digest());
            return split;
        } catch (UnusableNetworkException e) {
            missing.put(
                    validation.digest(),
                    new Missing(e.getMessage(), clock.instant().plus(AGAIN)));
            throw unreadable(e.getMessage());
        }
    }

    private static UncalibratedException unreadable(String why) {
        return new UncalibratedException("its validation split cannot be read: " + why);
    }
}
