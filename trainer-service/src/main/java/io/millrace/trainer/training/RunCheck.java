// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether a run's description can be acted on: what its parts promise each by itself, the contracts check. */
final class RunCheck {
    /** Run ids become names of folders. */
    private static final Pattern RUN_ID = Pattern.compile("[a-z0-9-]{1,100}");

    private String problem;

    private RunCheck() {}

    /** What is wrong with a run, naming field and value; empty when nothing is. */
    static Optional<String> problem(String key, RunSpec run) {
        RunCheck check = new RunCheck();
        check.identity(key, run);
        check.batches(run.recipe());
        check.fit(run);
        return Optional.ofNullable(check.problem).map(problem -> "malformed RunSpec: " + problem);
    }

    private void require(boolean condition, String otherwise) {
        if (!condition && problem == null) {
            problem = otherwise;
        }
    }

    private void identity(String key, RunSpec run) {
        String id = run.runId();
        require(RUN_ID.matcher(id).matches(), "runId \"" + id + "\" is not of the form " + RUN_ID);
        require(id.equals(key), "runId \"" + id + "\" is not its key \"" + key + '"');
    }

    /** BatchNorm has no variance over one image, not even where a dead letter leaves a step one shard of several. */
    private void batches(Recipe recipe) {
        require(recipe.batchSize() >= 2, "recipe.batchSize should be at least 2, it is " + recipe.batchSize());
    }

    private void fit(RunSpec run) {
        Dataset dataset = run.dataset();
        int inputs = run.network().inputChannels();
        int classes = run.network().classes();
        require(
                inputs == dataset.channels(),
                "network.inputChannels is " + inputs + ", dataset.channels " + dataset.channels());
        require(
                classes == dataset.classes().size(),
                "network.classes is " + classes + ", the data set has " + dataset.classes());
        require(
                dataset.normalization().channels() == dataset.channels(),
                "dataset.normalization is for " + dataset.normalization().channels() + " channels, dataset.channels is "
                        + dataset.channels());
    }
}
