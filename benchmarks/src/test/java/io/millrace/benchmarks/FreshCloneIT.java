// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of {@code benchmarks/} in a fresh clone, in its smallest size: it ends with 0, and with a figure. Takes
 * minutes, so it runs with {@code ./mvnw -pl benchmarks -am -Pcommands verify} only.
 */
class FreshCloneIT {
    private static final Path ROOT = Path.of(System.getProperty("millrace.root"));
    private static final String REPORT = "report.json";
    private static final long PATIENCE_MINUTES = 10;

    @TempDir
    private static Path directory;

    private static Path clone;

    /** A command's smallest size, and what its last lines must look like. */
    record Smallest(String arguments, String figure) {}

    static final Map<String, Smallest> COMMANDS = new TreeMap<>(Map.ofEntries(
            Map.entry("archive", new Smallest("archive.pt", "Wrote archive.pt")),
            Map.entry("chaos", new Smallest("--kills 2 --epochs 1 --samples 640 --port PORT", "identical to the bit")),
            Map.entry("clients/run", new Smallest("--images 1 --port PORT", "kserve: \\d+ checks")),
            Map.entry(
                    "decode",
                    new Smallest("--images 2 --repetitions 1 --source 40x30 --shape 3x16x16", " 1 +\\d+\\.\\d")),
            Map.entry("fuzz", new Smallest("20 7", "fuzz json images: 20 inputs, \\d+ taken")),
            Map.entry(
                    "rounds",
                    new Smallest(
                            "--times 1 --epochs 1 --sync-every 2 --dataset strokes --set millrace.dataset.strokes.train-samples=640"
                                    + " --set millrace.dataset.strokes.test-samples=100 --port PORT",
                            "ratio of the medians: \\d+\\.\\d\\d")),
            Map.entry("gpu", new Smallest("--pack packed", "packed: \\d{5,6} bytes")),
            Map.entry(
                    "idle",
                    new Smallest(
                            "--minutes 2 --seconds 1 --settle 0 --set millrace.dataset.strokes.train-samples=640"
                                    + " --set millrace.dataset.strokes.test-samples=100 --port PORT",
                            "% of a core, idle: all together +2 +\\d+")),
            Map.entry(
                    "inference", new Smallest("--calls 1 --repetitions 1 --batches 1", "TorchScript +1 +\\d+\\.\\d+")),
            Map.entry(
                    "interop/run",
                    new Smallest("--networks resnet9", "10 comparisons, largest difference of logits \\d")),
            Map.entry(
                    "memory",
                    new Smallest(
                            "--batch-size 2 --steps 8 --samples 4", "slope over the second half: -?\\d+ bytes a step")),
            Map.entry(
                    "novelty",
                    new Smallest(
                            "--store .millrace/checkpoints --checkpoint CHECKPOINT --data-dir mnist --images 100",
                            "noise +energy +\\d\\.\\d{4}")),
            Map.entry("page", new Smallest("1", "a frame's work, .* 1 +\\d+\\.\\d")),
            Map.entry(
                    "pictures",
                    new Smallest("--pictures 2 --repetitions 1", "pictures a second of processor time \\(\\d+")),
            Map.entry(
                    "pipeline",
                    new Smallest(
                            "--batch-size 16 --repetitions 1 --turn 1 --set millrace.dataset.strokes.train-samples=3200"
                                    + " --set millrace.dataset.strokes.test-samples=100 --port PORT",
                            "pipeline / memory, % +1 +\\d+")),
            Map.entry("pytorch/accuracy", new Smallest("--quick --data-dir mnist", "99\\.2 % archive +1 +\\d+\\.\\d")),
            Map.entry("pytorch/step", new Smallest("--quick", "archive bf16 +\\d+\\.\\d")),
            Map.entry("served", new Smallest("--data-dir mnist --images 50 --port PORT", "published +\\d\\.\\d{4}")),
            Map.entry("serving/run", new Smallest("--quick", "millrace +\\d+ +\\d+ +\\d+ +1\\.00 +\\d+\\.\\d+")),
            Map.entry("tensorboard/read", new Smallest(".millrace/tensorboard", "\\d+ scalars")),
            Map.entry(
                    "train-step",
                    new Smallest(
                            "--batch-size 2 --steps 1 --repetitions 1 --warm-up 0", "fp32 +contiguous +1 +\\d+"))));

    /** They look at a stack that has trained a model, and that serves it. */
    private static final Set<String> OF_A_STACK = Set.of("clients/run", "novelty", "served", "tensorboard/read");

    @BeforeAll
    static void copyWhatACloneHas() throws Exception {
        Process list = new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
                .directory(ROOT.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String names = new String(list.getInputStream().readAllBytes(), UTF_8);
        assumeTrue(list.waitFor() == 0, "skipped: not a clone, so there is nothing to clone");
        clone = Files.createDirectory(directory.resolve("a clone"));
        for (String name : names.split("\0")) {
            Path source = ROOT.resolve(name);
            if (Files.isRegularFile(source)) {
                Files.createDirectories(clone.resolve(name).getParent());
                Files.copy(source, clone.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        randomMnist(Files.createDirectory(clone.resolve("mnist")));
    }

    @TestFactory
    Stream<DynamicTest> itEndsWithAFigure() {
        return COMMANDS.keySet().stream().map(name -> DynamicTest.dynamicTest(name, () -> run(name)));
    }

    private static void run(String name) throws Exception {
        if (name.startsWith("pytorch/")) {
            requirePython("import torch, torchvision", "benchmarks/pytorch/requirements.txt");
        }
        if (name.startsWith("clients/")) {
            requirePython("import kserve, tritonclient.http, tritonclient.grpc", "benchmarks/clients/requirements.txt");
        }
        if (name.startsWith("interop/")) {
            requirePython(
                    "import torch, torchvision, onnx, onnxruntime, safetensors", "benchmarks/interop/requirements.txt");
        }
        if (name.equals("page")) {
            assumeTrue(
                    Files.exists(Path.of("/usr/bin/chromedriver")),
                    "skipped: no /usr/bin/chromedriver; remedy: Debian's chromium and chromium-driver");
        }
        if (name.startsWith("tensorboard/")) {
            requirePython("import tensorboard", "benchmarks/tensorboard/requirements.txt");
        }
        int port = freePorts();
        Process up = OF_A_STACK.contains(name) ? stack(port) : null;
        try {
            String arguments = COMMANDS.get(name).arguments().replace("PORT", Integer.toString(port));
            if (arguments.contains("CHECKPOINT")) {
                arguments = arguments.replace("CHECKPOINT", checkpoint());
            }
            if (name.startsWith("tensorboard/")) {
                endsWell("./millrace", "tensorboard --port " + port);
            }
            assertThat(endsWell("benchmarks/" + name, arguments))
                    .containsPattern(COMMANDS.get(name).figure());
        } finally {
            if (up != null) {
                up.destroy();
                up.waitFor();
            }
        }
    }

    private static String endsWell(String program, String arguments) throws Exception {
        Path output = Files.createTempFile(directory, "output", ".txt");
        Process process = start(output, program, arguments);
        boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();

        assertThat(ended).as(Files.readString(output)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    /** The best of what the stack has trained. */
    private static String checkpoint() throws IOException {
        return new ObjectMapper()
                .readTree(clone.resolve(REPORT).toFile())
                .path("best")
                .path("checkpointId")
                .asText();
    }

    private static void requirePython(String imports, String requirements) throws Exception {
        Process python = new ProcessBuilder("python3", "-c", imports)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assumeTrue(
                python.waitFor() == 0,
                "skipped: python3 fails at \"" + imports + "\"; remedy: " + requirements
                        + " in a virtual environment, first on the PATH");
    }

    /** A model of random images, served. */
    private static Process stack(int port) throws Exception {
        Path output = directory.resolve("up.txt");
        Process up = start(
                output, "./millrace", "up --data-dir mnist --batch-size 32 --report " + REPORT + " --port " + port);
        while (!Files.readString(output).contains("the model is served until Ctrl-C")) {
            assertThat(up.waitFor(200, TimeUnit.MILLISECONDS))
                    .as(Files.readString(output))
                    .isFalse();
        }
        return up;
    }

    private static Process start(Path output, String program, String arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(clone.resolve(program).toString()));
        command.addAll(List.of(arguments.split(" ")));
        return new ProcessBuilder(command)
                .directory(clone.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** The first of a stack's ports; those that follow from it are as good as always free, too. */
    private static int freePorts() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Math.min(socket.getLocalPort(), 60_000);
        }
    }

    private static void randomMnist(Path folder) throws IOException {
        Random random = new Random(1);
        for (Map.Entry<String, Integer> split :
                Map.of("train", 320, "t10k", 100).entrySet()) {
            byte[] images = new byte[split.getValue() * 28 * 28];
            random.nextBytes(images);
            idx(folder.resolve(split.getKey() + "-images-idx3-ubyte.gz"), images, 0x803, split.getValue(), 28, 28);
            byte[] labels = new byte[split.getValue()];
            for (int k = 0; k < labels.length; k++) {
                labels[k] = (byte) random.nextInt(10);
            }
            idx(folder.resolve(split.getKey() + "-labels-idx1-ubyte.gz"), labels, 0x801, split.getValue());
        }
    }

    private static void idx(Path file, byte[] content, int... header) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
            for (int number : header) {
                out.writeInt(number);
            }
            out.write(content);
        }
    }
}
