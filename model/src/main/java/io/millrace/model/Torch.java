// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.util.cuda.CudaUtils;
import io.millrace.contracts.event.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The engine under the model: started once in a process, with a fixed number of threads and without asking the network
 * for anything. Thread-safe.
 */
public final class Torch {
    /** System property: threads within an operation; the processors of this machine otherwise. */
    public static final String THREADS_PROPERTY = "millrace.threads";

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final List<String> BF16_FLAGS = List.of("avx512_bf16", "amx_bf16");
    /** Ampere: the first GPUs with bf16. */
    private static final int BF16_COMPUTE_CAPABILITY = 80;

    private static final String CUDA_DRIVER = "libcuda.so";

    private static Engine engine;

    private Torch() {}

    /**
     * Starts the engine; a second call changes nothing.
     *
     * @throws IllegalStateException when PyTorch's libraries cannot be loaded, with the reason and the remedy
     */
    public static synchronized void start() {
        if (engine != null) {
            return;
        }
        // All natives are on the class path: DJL must neither download nor call home.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads()));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        System.setProperty("ai.djl.pytorch.cudnn_benchmark", "true");
        // ScriptModule switches it off for every call; without this, DJL announces that it is on.
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        // DJL looks engines up with the context class loader, which is not ours on every thread.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(Torch.class.getClassLoader());
        try {
            engine = Engine.getEngine("PyTorch");
        } catch (EngineException | LinkageError e) {
            throw new IllegalStateException(notLoaded(e), e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** What the loader says stands at the end of the causes. */
    static String notLoaded(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = "PyTorch's libraries cannot be loaded: " + cause.getMessage();
        return message.contains(CUDA_DRIVER)
                ? message + ". These are the ones for CUDA, which need NVIDIA's driver: start the container with access"
                        + " to the GPU (compose.gpu.yaml, or docker run --gpus all), or use those for the processor"
                : message;
    }

    /**
     * Threads within an operation.
     *
     * @throws IllegalArgumentException when the system property is no number from 1
     */
    public static int threads() {
        String wanted = System.getProperty(THREADS_PROPERTY);
        if (wanted == null || wanted.isBlank()) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (!wanted.matches("[1-9]\\d{0,3}")) {
            throw new IllegalArgumentException(
                    THREADS_PROPERTY + " should be a number from 1 to 9999, it is \"" + wanted + "\"");
        }
        return Integer.parseInt(wanted);
    }

    /** The first GPU where there is one, else the processor. */
    static synchronized Device device() {
        start();
        return engine.getGpuCount() > 0 ? Device.gpu() : Device.cpu();
    }

    /** Whether the processor or the GPU says that it computes with bf16; faster than fp32 it is then, as a rule. */
    public static boolean supportsBf16() {
        if (device().isGpu()) {
            return Integer.parseInt(CudaUtils.getComputeCapability(0)) >= BF16_COMPUTE_CAPABILITY;
        }
        if (!Files.isReadable(CPU_INFO)) {
            return false;
        }
        try {
            return Files.readAllLines(CPU_INFO).stream()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(line.split("\\s+")))
                    .filter(flags -> BF16_FLAGS.stream().anyMatch(flags::contains))
                    .isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + CPU_INFO, e);
        }
    }

    /** What {@code auto} means here; others stay as they are. */
    public static Precision resolve(Precision wanted) {
        if (wanted != Precision.AUTO) {
            return wanted;
        }
        return supportsBf16() ? Precision.BF16 : Precision.FP32;
    }

    /** Engine, version, device and threads, for logs and reports. */
    public static synchronized String description() {
        start();
        return "PyTorch " + engine.getVersion() + " on " + device() + " with " + threads() + " threads";
    }
}
