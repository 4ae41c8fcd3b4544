// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Real checkpoints of a ResNet-18 for grey 28 x 28 digits, written by the model module itself. */
final class Checkpoints {
    static final Network NETWORK = new Network("resnet18", Network.Stem.IMAGENET, 1, 10);
    static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081));
    static final Recipe RECIPE = Recipes.named("quick");

    private static final Compute COMPUTE = Torch.compute(Precision.FP32, RECIPE.channelsLast());

    private final Path root;

    Checkpoints(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** Untrained, but different for each seed. */
    CheckpointRef untrained(String runId, long seed) throws IOException {
        try (Learner learner = learner(seed)) {
            return write(runId, 0, learner);
        }
    }

    /** What a learner knows by now. */
    CheckpointRef write(String runId, long step, Learner learner) throws IOException {
        Position position = new Position(
                step, step, 0, step * 128, 0, Map.of(0, new OffsetRange(0, step)), Position.NO_BATCHES, 1, 0, 1);
        CheckpointMetadata metadata = CheckpointMetadata.of(run(runId), position, COMPUTE);
        TrainingState state = new TrainingState(learner.optimizerState(), position, 1, false);
        return new DirectoryCheckpointStore(root).write(metadata, learner.weights(), state, "");
    }

    /** One that has learnt nothing yet. */
    static Learner learner(long seed) {
        return Learner.create(NETWORK, NORMALIZATION, 28, 28, RECIPE, COMPUTE, seed);
    }

    private static RunSpec run(String runId) {
        List<String> digits = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
        Dataset dataset = new Dataset("mnist", "d", 60_000, 10_000, 1, 28, 28, digits, NORMALIZATION);
        return new RunSpec(runId, Instant.EPOCH, "mnist", dataset, NETWORK, RECIPE, 1, 42, 468, Encoding.UINT8, 0);
    }
}
