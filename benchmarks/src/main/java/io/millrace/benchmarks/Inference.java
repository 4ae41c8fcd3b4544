// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Classifier;
import io.millrace.model.ScoringEngine;
import io.millrace.model.Torch;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.Graph;
import io.millrace.model.network.Networks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Milliseconds a call, of images as they are served, in turns; with MNIST, whether both engines say the same. */
@Command(
        name = "inference",
        mixinStandardHelpOptions = true,
        description = "Measures ResNet-18 (1x28x28, 10 classes): the Classifier by either engine, and plain ONNX.")
final class Inference implements Callable<Integer> {
    private static final int SIDE = 28;

    @Option(
            names = "--batches",
            split = ",",
            defaultValue = "1,8,32",
            description = "Images in a call (${DEFAULT-VALUE}).")
    private List<Integer> batches;

    @Option(names = "--calls", defaultValue = "20", description = "Calls in a measurement (${DEFAULT-VALUE}).")
    private int calls;

    @Option(names = "--repetitions", defaultValue = "15", description = "Measurements of each (${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--torch-export",
            paramLabel = "FILE",
            description =
                    "The same network as torch exports it (benchmarks/pytorch/export_onnx.py); otherwise plain ONNX"
                            + " as Millrace writes it, each convolution whole.")
    private Path torchExport;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "MNIST's four files: trains a little, and scores the test split by both engines.")
    private Path mnist;

    @Option(names = "--steps", defaultValue = "100", description = "Steps of that training (${DEFAULT-VALUE}).")
    private int steps;

    @Spec
    private CommandSpec spec;

    private interface Contestant {
        void run(int images);
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Inference()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (calls < 1 || repetitions < 1 || steps < 1 || batches.stream().anyMatch(size -> size < 1)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--batches, --calls, --repetitions and --steps must be at least 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.println(ScoringEngine.ONNX_RUNTIME.description());
        List<Tensor> weights = Networks.initialWeights(Workload.NETWORK, 1);
        byte[] rival = torchExport == null ? plain(weights) : Files.readAllBytes(torchExport);
        try (Classifier onnx = classifier(ScoringEngine.ONNX_RUNTIME, weights);
                Classifier torch = classifier(ScoringEngine.PYTORCH, weights);
                OnnxContestant plain = OnnxContestant.of(rival, Torch.threads())) {
            Map<String, Contestant> contestants = new LinkedHashMap<>();
            contestants.put("Classifier", images -> onnx.probabilities(images(images)));
            contestants.put(torchExport == null ? "plain ONNX" : "torch's export", images -> plain.run(images, SIDE));
            contestants.put("TorchScript", images -> torch.probabilities(images(images)));
            out.printf(
                    "%d calls a measurement, in turns, ms a call; ratio: the time of each to the Classifier's%n",
                    calls);
            out.printf("%5s  %-15s %s %7s%n", "batch", "", Spread.heads(8), "ratio");
            for (int size : batches) {
                report(out, size, contestants);
            }
        }
        if (mnist != null) {
            Agreement.of(mnist, steps).print(out);
        }
        out.flush();
        return 0;
    }

    private static Classifier classifier(ScoringEngine engine, List<Tensor> weights) {
        return Classifier.of(engine, Workload.NETWORK, Workload.NORMALIZATION, SIDE, SIDE, weights, 1);
    }

    private static List<byte[]> images(int count) {
        return Stream.generate(() -> new byte[SIDE * SIDE]).limit(count).toList();
    }

    private static byte[] plain(List<Tensor> weights) throws IOException {
        Folding folding = Folding.of(Graph.of(Networks.describe(Workload.NETWORK), SIDE, SIDE));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        folding.graph().onnx(folding.weights(weights)).writeTo(file);
        return file.toByteArray();
    }

    private void report(PrintWriter out, int size, Map<String, Contestant> contestants) {
        Map<String, double[]> millis = new LinkedHashMap<>();
        contestants.keySet().forEach(name -> millis.put(name, new double[repetitions]));
        for (int round = -1; round < repetitions; round++) {
            for (Map.Entry<String, Contestant> each : contestants.entrySet()) {
                double measured = millis(each.getValue(), size);
                if (round >= 0) {
                    millis.get(each.getKey())[round] = measured;
                }
            }
        }
        double own = Spread.of(millis.get("Classifier")).median();
        millis.forEach((name, values) -> {
            Spread spread = Spread.of(values);
            out.printf(Locale.ROOT, "%5d  %-15s %s %7.2f%n", size, name, spread.cells("%8.3f"), spread.median() / own);
        });
        out.flush();
    }

    /** A few calls first: threads that fell asleep while others had their turn are awake then. */
    private double millis(Contestant contestant, int size) {
        for (int call = 0; call < Math.min(calls, 5); call++) {
            contestant.run(size);
        }
        long begin = System.nanoTime();
        for (int call = 0; call < calls; call++) {
            contestant.run(size);
        }
        return (System.nanoTime() - begin) / 1e6 / calls;
    }
}
