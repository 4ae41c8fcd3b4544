// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether a run's description can be acted on: what JSON alone does not promise. */
final class RunCheck {
    /** Run ids become names of folders. */
    private static final Pattern RUN_ID = Pattern.compile("[a-z0-9-]{1,100}");

    private String problem;

    private RunCheck() {}

    /** What is wrong with a run, naming field and value; empty when nothing is. */
    static Optional<String> problem(String key, RunSpec run) {
        RunCheck check = new RunCheck();
        check.identity(key, run);
        check.parts(run);
        if (check.problem == null) {
            check.numbers(run);
            check.fit(run);
        }
        return Optional.ofNullable(check.problem).map(problem -> "malformed RunSpec: " + problem);
    }

    private void require(boolean condition, String otherwise) {
        if (!condition && problem == null) {
            problem = otherwise;
        }
    }

    private void require(Object part, String name) {
        require(part != null, name + " is missing");
    }

    private void identity(String key, RunSpec run) {
        String id = run.runId();
        require(id != null && RUN_ID.matcher(id).matches(), "runId \"" + id + "\" is not of the form " + RUN_ID);
        require(id == null || id.equals(key), "runId \"" + id + "\" is not its key \"" + key + '"');
    }

    private void parts(RunSpec run) {
        require(run.createdAt(), "createdAt");
        require(run.model(), "model");
        require(run.dataset(), "dataset");
        require(run.network(), "network");
        require(run.recipe(), "recipe");
        if (problem == null) {
            require(run.dataset().name(), "dataset.name");
            require(run.dataset().digest(), "dataset.digest");
            require(run.dataset().normalization(), "dataset.normalization");
            require(run.network().name(), "network.name");
            require(run.network().stem(), "network.stem");
            require(run.recipe().optimizer(), "recipe.optimizer");
            require(run.recipe().schedule(), "recipe.schedule");
            require(run.recipe().precision(), "recipe.precision");
        }
    }

    private void numbers(RunSpec run) {
        Recipe recipe = run.recipe();
        require(recipe.schedule().kind(), "recipe.schedule.kind");
        require(recipe.epochs() >= 1, "recipe.epochs should be at least 1, it is " + recipe.epochs());
        // BatchNorm has no variance over one image, not even where a dead letter leaves a step with one shard of
        // several.
        require(recipe.batchSize() >= 2, "recipe.batchSize should be at least 2, it is " + recipe.batchSize());
        require(
                recipe.checkpointEverySteps() >= 0,
                "recipe.checkpointEverySteps should be at least 0, it is " + recipe.checkpointEverySteps());
        require(run.shards() >= 1, "shards should be at least 1, they are " + run.shards());
        require(run.batchesPerEpoch() >= 1, "batchesPerEpoch should be at least 1, it is " + run.batchesPerEpoch());
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
