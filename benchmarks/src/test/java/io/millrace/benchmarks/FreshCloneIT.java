// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of {@code benchmarks/} in a fresh clone, in its smallest size: it ends with 0, and with a figure. Takes
 * minutes, so it runs with {@code ./mvnw -pl benchmarks -am -Pcommands verify} only.
 */
class FreshCloneIT {
    private static final Path ROOT = Path.of(System.getProperty("millrace.root"));
    /** Not a command: what the commands share. */
    private static final String SHARED = "run";

    private static final long PATIENCE_MINUTES = 10;

    @TempDir
    private static Path directory;

    private static Path clone;

    /** A command's smallest size, and what its last lines must look like. */
    private record Smallest(String arguments, String figure) {}

    private static final Map<String, Smallest> COMMANDS = new TreeMap<>(Map.of(
            "train-step",
            new Smallest("--batch-size 2 --steps 1 --repetitions 1 --warm-up 0", "fp32 +contiguous +1 +\\d+"),
            "memory",
            new Smallest("--batch-size 2 --steps 8 --samples 4", "slope over the second half: -?\\d+ bytes a step"),
            "archive",
            new Smallest("archive.pt", "Wrote archive.pt"),
            "gpu",
            new Smallest("--pack packed", "packed: \\d{5,6} bytes"),
            "pytorch/step",
            new Smallest("--quick", "archive bf16 +\\d+\\.\\d"),
            "pytorch/accuracy",
            new Smallest("--quick --data-dir mnist", "99\\.2 % archive +1 +\\d+\\.\\d"),
            "pipeline",
            new Smallest(
                    "--batch-size 16 --repetitions 1 --turn 1 --set millrace.dataset.strokes.train-samples=3200"
                            + " --set millrace.dataset.strokes.test-samples=100 --port PORT",
                    "pipeline / memory, % +1 +\\d+"),
            "chaos",
            new Smallest("--kills 2 --epochs 1 --samples 640 --port PORT", "identical to the bit"),
            "served",
            new Smallest("--data-dir mnist --images 50 --port PORT", "published +\\d\\.\\d{4}")));

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

    @Test
    void everyCommandIsRunHere() throws IOException {
        Path benchmarks = clone.resolve("benchmarks");
        try (Stream<Path> files = Stream.concat(Files.list(benchmarks), Files.list(benchmarks.resolve("pytorch")))) {
            assertThat(files.filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                            .map(file -> benchmarks.relativize(file).toString())
                            .filter(name -> !name.equals(SHARED)))
                    .containsExactlyInAnyOrderElementsOf(COMMANDS.keySet());
        }
    }

    @TestFactory
    Stream<DynamicTest> itEndsWithAFigure() {
        return COMMANDS.keySet().stream().map(name -> DynamicTest.dynamicTest(name, () -> run(name)));
    }

    private static void run(String name) throws Exception {
        if (name.startsWith("pytorch/")) {
            assumeTrue(
                    hasTorch(),
                    "skipped: python3 has no torch; remedy: benchmarks/pytorch/requirements.txt in a virtual environment,"
                            + " first on the PATH");
        }
        int port = freePorts();
        Process up = name.equals("served") ? stack(port) : null;
        try {
            Path output = directory.resolve(name.replace('/', '-') + ".txt");
            Process process = start(
                    output,
                    "benchmarks/" + name,
                    COMMANDS.get(name).arguments().replace("PORT", Integer.toString(port)));
            boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
            process.destroyForcibly();

            assertThat(ended).as(Files.readString(output)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            assertThat(output).content().containsPattern(COMMANDS.get(name).figure());
        } finally {
            if (up != null) {
                up.destroy();
                up.waitFor();
            }
        }
    }

    private static boolean hasTorch() throws Exception {
        Process python = new ProcessBuilder("python3", "-c", "import torch, torchvision")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return python.waitFor() == 0;
    }

    /** A model of random images, served. */
    private static Process stack(int port) throws Exception {
        Path output = directory.resolve("up.txt");
        Process up = start(output, "./millrace", "up --data-dir mnist --batch-size 32 --port " + port);
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
