// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.Classifier;
import io.millrace.model.Predictions;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.StoredCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleBiFunction;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How well scores tell what a model of digits knows from what it has never seen: the area under the receiver's curve
 * (AUROC: how often an image of MNIST's test split has the larger score of a pair), and which part of what is new passes a threshold
 * that 95 % of the digits reach, as in <a href="https://arxiv.org/abs/2010.03759">Liu et al. 2020</a>.
 */
@Command(
        name = "novelty",
        mixinStandardHelpOptions = true,
        description = "Shows how well a checkpoint's scores tell letters and noise from MNIST's digits.")
final class Novelty implements Callable<Integer> {
    private static final int BATCH = 250;
    private static final double RATE = 0.95;
    private static final Map<String, ToDoubleBiFunction<Predictions, Integer>> SCORES = Map.of(
            "energy", Predictions::energy,
            "largest logit", (predictions, image) -> max(predictions.logits(image)),
            "largest probability", (predictions, image) -> max(predictions.probabilities(image)));

    @Option(names = "--store", required = true, description = "Directory of the checkpoint store.")
    private Path store;

    @Option(names = "--checkpoint", required = true, description = "Id of a checkpoint of a run on MNIST.")
    private String checkpoint;

    @Option(names = "--data-dir", required = true, description = "Folder with MNIST's files.")
    private Path data;

    @Option(names = "--images", defaultValue = "2000", description = "Images of each kind (${DEFAULT-VALUE}).")
    private int images;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Novelty()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Found found = found();
        CheckpointMetadata about = found.checkpoint().metadata();
        if (about.network().inputChannels() != 1 || about.height() != about.width() || images < 100) {
            throw refused("the checkpoint must be of grey, square images, and --images at least 100");
        }
        int side = about.height();
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf("checkpoint %s, %d images of each kind%n", found.ref().checkpointId(), images);
        out.printf("%-10s %-20s %8s %22s%n", "against", "score", "AUROC", "passes as a digit");
        try (Classifier classifier = Classifier.of(
                about.network(),
                about.normalization(),
                side,
                side,
                found.checkpoint().weights())) {
            Predictions digits =
                    predicted(classifier, digits(side), about.network().classes());
            Map<String, List<byte[]>> unknown = Map.of(
                    "letters", Letters.drawn(images, side, 1),
                    "noise", noise(side));
            for (String kind : List.of("letters", "noise")) {
                Predictions others =
                        predicted(classifier, unknown.get(kind), about.network().classes());
                for (String score : List.of("energy", "largest logit", "largest probability")) {
                    double[] known = sorted(digits, SCORES.get(score));
                    double[] novel = sorted(others, SCORES.get(score));
                    out.printf(
                            Locale.ROOT,
                            "%-10s %-20s %8.4f %21.1f%%%n",
                            kind,
                            score,
                            area(known, novel),
                            100 * share(novel, known[(int) ((1 - RATE) * known.length)]));
                }
            }
        }
        out.flush();
        return 0;
    }

    private CommandLine.ParameterException refused(String why) {
        return new CommandLine.ParameterException(spec.commandLine(), why);
    }

    private Found found() throws IOException {
        int end = checkpoint.lastIndexOf("-step-");
        CheckpointStore checkpoints = new DirectoryCheckpointStore(store);
        List<StoredCheckpoint> there = end < 0 ? List.of() : checkpoints.list(checkpoint.substring(0, end));
        for (StoredCheckpoint stored : there) {
            if (stored.checkpointId().equals(checkpoint)) {
                return checkpoints.read(stored);
            }
        }
        throw refused("there is no checkpoint \"" + checkpoint + "\" in " + store
                + "; GET evaluator:/leaderboard lists them, as " + CheckpointRef.id("<incarnation>", 1));
    }

    private Predictions predicted(Classifier classifier, List<byte[]> of, int classes) {
        float[] logits = new float[of.size() * classes];
        for (int from = 0; from < of.size(); from += BATCH) {
            float[] some = classifier
                    .predict(of.subList(from, Math.min(of.size(), from + BATCH)))
                    .logits();
            System.arraycopy(some, 0, logits, from * classes, some.length);
        }
        return new Predictions(logits, classes);
    }

    private List<byte[]> digits(int side) throws IOException {
        String name = "t10k-images-idx3-ubyte";
        Path plain = data.resolve(name);
        Path file = Files.exists(plain) ? plain : data.resolve(name + ".gz");
        if (!Files.exists(file)) {
            throw refused("there is no " + plain + ", gzipped or not; --data-dir names the folder of MNIST's files");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = (file.equals(plain) ? in : new GZIPInputStream(in)).readAllBytes();
        }
        ByteBuffer idx = ByteBuffer.wrap(bytes);
        int count = Math.min(images, idx.getInt(4));
        if (idx.getInt(8) != side || idx.getInt(12) != side) {
            throw refused("the checkpoint is of images of " + side + "x" + side + ", MNIST's are " + idx.getInt(8) + "x"
                    + idx.getInt(12));
        }
        List<byte[]> digits = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            int from = 16 + k * side * side;
            digits.add(Arrays.copyOfRange(bytes, from, from + side * side));
        }
        return digits;
    }

    private List<byte[]> noise(int side) {
        Random random = new Random(2);
        List<byte[]> noise = new ArrayList<>();
        for (int k = 0; k < images; k++) {
            byte[] image = new byte[side * side];
            random.nextBytes(image);
            noise.add(image);
        }
        return noise;
    }

    private static double max(float[] values) {
        double max = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            max = Math.max(max, value);
        }
        return max;
    }

    private static double[] sorted(Predictions of, ToDoubleBiFunction<Predictions, Integer> score) {
        double[] scores = new double[of.size()];
        for (int k = 0; k < scores.length; k++) {
            scores[k] = score.applyAsDouble(of, k);
        }
        Arrays.sort(scores);
        return scores;
    }

    /** How often a value of the first is larger than one of the second; equal ones count half. Both are sorted. */
    static double area(double[] known, double[] novel) {
        double pairs = 0;
        int below = 0;
        int upTo = 0;
        for (double value : known) {
            while (below < novel.length && novel[below] < value) {
                below++;
            }
            while (upTo < novel.length && novel[upTo] <= value) {
                upTo++;
            }
            pairs += below + (upTo - below) / 2.0;
        }
        return pairs / ((double) known.length * novel.length);
    }

    private static double share(double[] of, double threshold) {
        return (double) Arrays.stream(of).filter(value -> value >= threshold).count() / of.length;
    }
}
