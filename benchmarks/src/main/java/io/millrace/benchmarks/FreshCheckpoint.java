// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

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
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A checkpoint of a network that has learnt nothing, for what does not depend on what it has: how fast it is. */
@Command(name = "fresh-checkpoint", mixinStandardHelpOptions = true)
final class FreshCheckpoint implements Callable<Integer> {
    private static final int SIDE = 28;
    private static final int CLASSES = 10;

    @Option(names = "--network", defaultValue = "resnet18", description = "Its name (${DEFAULT-VALUE}).")
    private String network;

    @Option(names = "--store", required = true, description = "Where to write it; its file is the last line.")
    private Path store;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FreshCheckpoint()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Network of = new Network(network, Network.Stem.IMAGENET, 1, CLASSES);
        Normalization normalization = Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081));
        Recipe recipe = Recipes.named("quick");
        Compute compute = Torch.compute(Precision.FP32, recipe.channelsLast());
        List<String> digits =
                IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
        Dataset dataset = new Dataset("mnist", "none", 2, 2, 1, SIDE, SIDE, digits, normalization);
        RunSpec run = new RunSpec("fresh", Instant.EPOCH, "mnist", dataset, of, recipe, 1, 1, 1, Encoding.UINT8, 0);
        Position position = new Position(1, 1, 1, 2, 0, Map.of(0, new OffsetRange(0, 1)), Position.NO_BATCHES, 1, 0, 1);
        try (Learner learner = Learner.create(of, normalization, SIDE, SIDE, recipe, compute, 1)) {
            CheckpointRef ref = new DirectoryCheckpointStore(store)
                    .write(
                            CheckpointMetadata.of(run, position, compute),
                            learner.weights(),
                            new TrainingState(learner.optimizerState(), position, 1, false),
                            "");
            System.out.println(store.resolve(ref.uri()));
        }
        return 0;
    }
}
