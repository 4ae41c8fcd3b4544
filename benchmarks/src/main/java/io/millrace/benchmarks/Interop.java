// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Scorer;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.model.transfer.Adaptation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The half of {@code benchmarks/interop} that is not Python: weights of theirs in, a checkpoint and logits of ours out. */
@Command(name = "interop", mixinStandardHelpOptions = true)
final class Interop implements Runnable {
    @Option(names = "--network", required = true, description = "Its name.")
    private String network;

    @Option(names = "--stem", required = true, description = "imagenet or cifar.")
    private Network.Stem stem;

    @Option(names = "--side", required = true, description = "Pixels of the images, in a row.")
    private int side;

    @Option(names = "--classes", required = true, description = "Of the network.")
    private int classes;

    @Option(names = "--weights", required = true, description = "Safetensors of theirs.")
    private Path weights;

    @Option(names = "--images", required = true, description = "Float32 [N,3,side,side], normalized, little-endian.")
    private Path images;

    @Option(names = "--store", required = true, description = "Where to write the checkpoint.")
    private Path store;

    @Option(names = "--logits", required = true, description = "Where to write float32 [N,classes].")
    private Path logits;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Interop())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public void run() {
        try {
            Network of = new Network(network, stem, 3, classes);
            Normalization normalization =
                    Normalization.ofMeanStd(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
            List<Tensor> ours =
                    Adaptation.of(of, 1, Safetensors.read(weights).tensors()).weights();
            System.out.println(checkpoint(of, normalization, ours));
            try (Scorer scorer = Scorer.of(of, normalization, side, side, ours)) {
                write(scorer.score(batch(normalization)).logits());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e.toString(), e);
        }
    }

    private String checkpoint(Network of, Normalization normalization, List<Tensor> ours) throws IOException {
        List<String> names =
                IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        Dataset dataset = new Dataset("interop", "none", 2, 2, 3, side, side, names, normalization);
        RunSpec run = new RunSpec(
                "interop", Instant.EPOCH, "interop", dataset, of, Recipes.named("quick"), 1, 1, 1, Encoding.UINT8, 0);
        Position position = new Position(1, 1, 1, 2, 0, Map.of(0, new OffsetRange(0, 1)), Position.NO_BATCHES, 1, 0, 1);
        Compute compute = new Compute(Precision.FP32, false, "cpu", 1, "any", "any");
        return new DirectoryCheckpointStore(store)
                .write(
                        CheckpointMetadata.of(run, position, compute),
                        ours,
                        new TrainingState(momentum(), position, 1, true),
                        "")
                .checkpointId();
    }

    /** Nobody resumes from it. */
    private static List<Tensor> momentum() {
        ByteBuffer zero = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return Collections.singletonList(new Tensor("none", DType.F32, List.of(1L), zero));
    }

    private ImageBatch batch(Normalization normalization) throws IOException {
        ByteBuffer floats = Safetensors.readFully(images);
        int count = floats.remaining() / (3 * side * side * Float.BYTES);
        return new ImageBatch(
                new BatchId("interop", Split.TEST, 0, 0, 0),
                1,
                Encoding.FLOAT32,
                normalization,
                count,
                3,
                side,
                side,
                floats,
                new int[count],
                "");
    }

    private void write(float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        try (OutputStream out = Files.newOutputStream(logits)) {
            out.write(bytes.array());
        }
    }
}
