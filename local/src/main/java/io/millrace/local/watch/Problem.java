// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import java.util.List;
import java.util.Optional;

/** What can hinder a run that goes on, as the trainer says it. */
public enum Problem {
    /** Its checkpoints cannot be written. */
    STORE("checkpoints can be written again") {
        @Override
        public Optional<List<String>> of(TrainerRun run) {
            return Optional.ofNullable(run.checkpointProblem())
                    .map(why -> List.of(
                            why.contains("s3://")
                                    ? "checkpoints cannot be written to their bucket"
                                    : "checkpoints cannot be written: make room on their disk, or make it writable",
                            "it is tried again until it works; the latest reason: " + why));
        }
    },
    /** Its validation split is not there. */
    VALIDATION("the validation split is there") {
        @Override
        public Optional<List<String>> of(TrainerRun run) {
            return Optional.ofNullable(run.validationProblem())
                    .map(why -> List.of(
                            "the run's validation split is not there: waiting for it to be published again",
                            "dataset-service does so by itself, from the data, when it is ready; " + why));
        }
    },
    /** Its log has not what comes next. */
    LOG("the missing batches are there again") {
        @Override
        public Optional<List<String>> of(TrainerRun run) {
            return Optional.ofNullable(run.lacks())
                    .map(step -> List.of(
                            "the run's log lacks step " + step + ": waiting for it to be published again",
                            "dataset-service does so by itself, from the data, when it is ready"));
        }
    };

    private final String solved;

    Problem(String solved) {
        this.solved = solved;
    }

    /** In lines, with what to do in the first; empty while a run does not have it. */
    public abstract Optional<List<String>> of(TrainerRun run);

    /** That it is over, in words. */
    public String solved() {
        return solved;
    }
}
