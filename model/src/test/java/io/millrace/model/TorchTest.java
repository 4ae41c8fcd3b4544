// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchTest {
    private static final Compute HERE = Torch.compute(Precision.FP32, false);
    /** Of time on a processor. */
    private static final long BUSY_NANOS = 3_000_000;

    @Test
    void whatThisMachineComputesWithIsNamed() {
        assertThat(HERE.threads()).isEqualTo(Torch.threads());
        assertThat(HERE.engine()).isEqualTo("PyTorch 2.3.1");
        assertThat(HERE.device()).isIn("cpu", "cuda");
        assertThat(HERE.processor()).isNotBlank();
    }

    @Test
    void theDescriptionNamesEngineVersionAndThreads() {
        assertThat(Torch.description()).contains("PyTorch 2.3.1", Torch.threads() + " threads");
    }

    @Test
    void whatIsResolvedHereIsObeyedHereWithoutADifference() throws UnavailableComputeException {
        assertThat(Torch.use(HERE)).isEmpty();
    }

    /** Those that OpenMP makes for a thread bear its name; some that libtorch makes beside them never work. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    @EnabledOnOs(OS.LINUX)
    void theThreadThatTrainsHasAsManyThreadsAsTheRun(int threads) throws Exception {
        assumeThat(HERE.device()).isEqualTo("cpu");
        Compute compute = with(threads, "cpu", HERE.processor(), HERE.engine());

        long seen = onThread("trains-on-" + threads, () -> {
            Torch.use(compute);
            try (Learner learner = Learner.create(
                    Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, Given.recipe(), compute, 1)) {
                learner.step(List.of(Given.batch(0, 16)), 0.01);
                Map<Path, Long> before = nanos("trains-on-" + threads);
                for (int step = 0; step < 3; step++) {
                    learner.step(List.of(Given.batch(step, 16)), 0.01);
                }
                Map<Path, Long> after = nanos("trains-on-" + threads);
                return after.keySet().stream()
                        .filter(task -> after.get(task) - before.getOrDefault(task, 0L) > BUSY_NANOS)
                        .count();
            }
        });

        assertThat(seen).isEqualTo(threads);
    }

    /** By thread of a name, its time on a processor. */
    private static Map<Path, Long> nanos(String name) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> name.equals(read(task, "comm")))
                    .collect(Collectors.toMap(
                            task -> task,
                            task -> Long.parseLong(read(task, "schedstat").split(" ")[0])));
        }
    }

    private static String read(Path task, String file) {
        try {
            return Files.readString(task.resolve(file)).strip();
        } catch (IOException e) {
            return "ended meanwhile";
        }
    }

    private static <T> T onThread(String name, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(task, name).start();
        return task.get();
    }

    @Test
    void anotherProcessorOrEngineIsSaid() {
        Compute run = with(2, "cpu", "Another Processor (avx2)", "PyTorch 9.9");

        assertThat(Torch.differences(run, HERE))
                .containsExactly(
                        "processor " + HERE.processor() + " instead of Another Processor (avx2)",
                        "engine PyTorch 2.3.1 instead of PyTorch 9.9");
    }

    @Test
    void aDeviceThatThisMachineLacksIsRefusedByName() {
        assumeThat(HERE.device()).isEqualTo("cpu");

        assertThatThrownBy(() -> Torch.use(with(1, "cuda", "GPU of compute capability 90", HERE.engine())))
                .isInstanceOf(UnavailableComputeException.class)
                .hasMessageContainingAll(
                        "computed on cuda", "no device \"cuda\" here; there are cpu", "where there is one");
        assertThatThrownBy(() -> Torch.use(with(1, "abacus", "beads", HERE.engine())))
                .isInstanceOf(UnavailableComputeException.class)
                .hasMessageContainingAll("abacus", "there are cpu");
    }

    @Test
    void devicesAreNamedAndOneThatIsNotThereIsRefusedWithThoseThatAre() {
        Devices two = new Devices(2, false);
        assertThat(two.named("auto")).isEqualTo(Device.gpu(0));
        assertThat(two.named("cuda")).isEqualTo(Device.gpu(0));
        assertThat(two.named("cuda:1")).isEqualTo(Device.gpu(1));
        assertThat(two.named("cpu")).isEqualTo(Device.cpu());
        assertThatThrownBy(() -> two.named("cuda:2"))
                .hasMessage(
                        "there is no device \"cuda:2\" here; there are cpu, cuda:0, cuda:1, and auto for the best of them");
        assertThatThrownBy(() -> two.named("mps")).hasMessageContaining("there is no device \"mps\" here");
        Devices apple = new Devices(0, true);
        assertThat(apple.named("auto")).isEqualTo(Device.cpu());
        assertThat(Devices.kind(apple.named("mps"))).isEqualTo("mps");
        assertThatThrownBy(() -> apple.named("gpu")).hasMessageContaining("there are cpu, mps");
    }

    @Test
    void aDeviceOfAnotherKindThanTheRunsIsRefused() throws UnavailableComputeException {
        assertThat(Torch.use(HERE, "auto")).isEmpty();
        assertThatThrownBy(() -> Torch.use(with(1, "abacus", "beads", HERE.engine()), "cpu"))
                .isInstanceOf(UnavailableComputeException.class)
                .hasMessage("the run is computed on abacus, not on cpu");
        assertThatThrownBy(() -> Torch.prefer("cuda:99")).hasMessageContaining("there is no device \"cuda:99\" here");
    }

    /** Two learners of one process, each on a thread and device of its own, come out as alone. */
    @Test
    void severalLearnersLiveInOneProcess() throws Exception {
        assumeThat(HERE.device()).isEqualTo("cpu");
        Callable<List<Tensor>> training = () -> {
            Torch.use(HERE, "cpu");
            try (Learner learner = Learner.create(
                    Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, Given.recipe(), HERE, 1)) {
                for (int step = 0; step < 3; step++) {
                    learner.step(List.of(Given.batch(step, 8)), 0.01);
                }
                return learner.weights();
            }
        };
        List<Tensor> alone = onThread("alone", training);

        FutureTask<List<Tensor>> one = new FutureTask<>(training);
        FutureTask<List<Tensor>> other = new FutureTask<>(training);
        new Thread(one, "one").start();
        new Thread(other, "other").start();

        assertThat(one.get()).isEqualTo(alone);
        assertThat(other.get()).isEqualTo(alone);
    }

    private static Compute with(int threads, String device, String processor, String engine) {
        return new Compute(Precision.FP32, false, device, threads, processor, engine);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void gpusAreToldNotToRoundFloat32() {
        Torch.start();

        assertThat(NativeEnvironment.get("NVIDIA_TF32_OVERRIDE")).isEqualTo("0");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aVariableThatIsSetStaysAsItIs() {
        NativeEnvironment.setUnlessSet("MILLRACE_TEST", "first");

        assertThat(NativeEnvironment.setUnlessSet("MILLRACE_TEST", "second")).isTrue();
        assertThat(NativeEnvironment.get("MILLRACE_TEST")).isEqualTo("first");
    }

    @Test
    void librariesForCudaWithoutADriverAreToldWithTheRemedy() {
        Throwable loader = new UnsatisfiedLinkError("libtorch_cuda.so: libcuda.so.1: cannot open shared object file");
        assertThat(Torch.notLoaded(new EngineException("Failed to load PyTorch native library", loader)))
                .contains("libcuda.so.1", "NVIDIA's driver", "compose.gpu.yaml");
    }

    @Test
    void librariesThatAreNotThereAreToldByName() {
        assertThat(Torch.notLoaded(new UnsatisfiedLinkError("no torch in java.library.path")))
                .isEqualTo("PyTorch's libraries cannot be loaded: no torch in java.library.path");
    }

    @Test
    void aThreadCountThatMakesNoSenseIsRefusedByName() {
        String before = System.getProperty(Torch.THREADS_PROPERTY);
        System.setProperty(Torch.THREADS_PROPERTY, "two");
        try {
            assertThatThrownBy(Torch::threads)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("millrace.threads", "two");
        } finally {
            if (before == null) {
                System.clearProperty(Torch.THREADS_PROPERTY);
            } else {
                System.setProperty(Torch.THREADS_PROPERTY, before);
            }
        }
    }
}
