// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Networks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which engine a process takes, what it loads for that, and what it leaves behind; in processes of their own. */
@EnabledOnOs(OS.LINUX)
class ScoringEngineTest {
    private static final String PYTORCH = "pytorch-native";

    @TempDir
    private Path folder;

    @Test
    void processorsScoreByOnnxRuntimeWithoutPyTorch() throws Exception {
        String said = run(classPath(PYTORCH), "-Dmillrace.threads=1");

        assertThat(said)
                .contains("ONNX Runtime 1.18.0 on cpu with 1 threads", "10 classes", "[libonnxruntime.so, ")
                .doesNotContain("libtorch");
    }

    /** Temporary files of both engines are gone when the process has ended, also when it was killed. */
    @Test
    void nothingIsLeftBehind() throws Exception {
        run(classPath(PYTORCH), "-Dmillrace.test.halt=true");

        try (Stream<Path> left = Files.walk(folder.resolve("tmp"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void pyTorchTakesOverWhereTheLibrariesAreMissing() throws Exception {
        String said = run(classPath("none"), "-Donnxruntime.native.path=/nowhere");

        assertThat(said)
                .contains(
                        "ONNX Runtime's libraries cannot be loaded",
                        "-Donnxruntime.native.path=/nowhere",
                        "leave it out")
                .contains("PyTorch takes over", "PyTorch 2.3.1 on cpu", "10 classes");
    }

    @Test
    void withNeitherTheReasonsAreToldAndTheRemedy() throws Exception {
        String said = run(classPath(PYTORCH), "-Donnxruntime.native.path=/nowhere", "-DDJL_CACHE_DIR=" + folder);

        assertThat(said)
                .contains("IllegalStateException: ONNX Runtime's libraries cannot be loaded", "leave it out")
                .contains("Suppressed: java.lang.IllegalStateException: PyTorch's libraries cannot be loaded");
    }

    /** In a heap of fixed size, touched at once: what grows is native. A network that is not closed holds 39 MB. */
    @Test
    void aHundredSwapsOfTheServedNetworkHoldNoMemory() throws Exception {
        String said = run(
                Swaps.class, classPath(PYTORCH), "-Dmillrace.threads=1", "-Xms320m", "-Xmx320m", "-XX:+AlwaysPreTouch");

        assertThat(said).matches("(?s).*grown by -?\\d+ MB\\s*");
        assertThat(Integer.parseInt(said.replaceAll("(?s).*grown by (-?\\d+) MB\\s*", "$1")))
                .isLessThan(64);
    }

    /** Without the jars of a name. */
    private static String classPath(String without) {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(all.split(File.pathSeparator))
                .filter(entry -> !entry.contains(without))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private String run(String classPath, String... options) throws IOException, InterruptedException {
        return run(Scoring.class, classPath, options);
    }

    private String run(Class<?> program, String classPath, String... options) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", classPath, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
        command.addAll(List.of(options));
        command.add(program.getName());
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        return Files.readString(log);
    }

    /** Scores an image by whatever engine it finds, and says which, and what it loaded. */
    static final class Scoring {
        private Scoring() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println(ScoringEngine.here().description());
            Network network = new Network("resnet18", Network.Stem.IMAGENET, 1, Given.CLASSES);
            List<Tensor> weights = Networks.initialWeights(network, 1);
            try (Classifier classifier = Classifier.of(network, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights)) {
                byte[] black = new byte[Given.SIDE * Given.SIDE];
                System.out.println(classifier.probabilities(List.of(black))[0].length + " classes");
            }
            try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
                System.out.println(maps.filter(line -> line.matches(".*lib(onnx|torch).*"))
                        .map(line -> line.replaceAll(".*/([^/ ]*).*", "$1"))
                        .distinct()
                        .toList());
            }
            if (Boolean.getBoolean("millrace.test.halt")) {
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** Replaces a network many times, and says what that leaves. */
    static final class Swaps {
        private static final Network NETWORK = new Network("resnet18", Network.Stem.IMAGENET, 1, Given.CLASSES);
        private static final int PAGE = 4096;

        private Swaps() {}

        public static void main(String[] arguments) throws IOException {
            List<Tensor> weights = Networks.initialWeights(NETWORK, 1);
            // Until the allocator has what it takes.
            Classifier served = swapped(null, weights, 40);
            long before = resident();
            served = swapped(served, weights, 100);
            System.out.printf("grown by %d MB%n", (resident() - before) >> 20);
            served.close();
        }

        private static Classifier swapped(Classifier first, List<Tensor> weights, int times) {
            Classifier served = first;
            for (int swap = 0; swap < times; swap++) {
                Classifier next = Classifier.of(NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights);
                next.warmUp(1, 8);
                if (served != null) {
                    served.close();
                }
                served = next;
            }
            return served;
        }

        private static long resident() throws IOException {
            System.gc();
            return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
        }
    }
}
