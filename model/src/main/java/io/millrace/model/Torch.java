// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * The engine under the model: started once in a process, with a fixed number of threads and without asking the network
 * for anything. Thread-safe.
 */
public final class Torch {
    /** System property: threads within an operation; the processors of this machine otherwise. */
    public static final String THREADS_PROPERTY = "millrace.threads";

    /** Ampere: the first GPUs with bf16. */
    private static final int BF16_COMPUTE_CAPABILITY = 80;

    private static final String CPU = "cpu";
    private static final String CUDA = "cuda";
    private static final String CUDA_DRIVER = "libcuda.so";

    private static Engine engine;
    private static Device device;

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
        // ScriptModule switches it off for every call; without this, DJL announces that it is on.
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        // By default, libtorch lets cuDNN round float32 to TF32 on a GPU, and DJL has no way to say no.
        NativeEnvironment.setUnlessSet("NVIDIA_TF32_OVERRIDE", "0");
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

    /** The device of the latest {@link #use}; before, the best one. */
    static synchronized Device device() {
        return device == null ? best() : device;
    }

    /** The first GPU where there is one, else the processor. */
    private static synchronized Device best() {
        start();
        return engine.getGpuCount() > 0 ? Device.gpu() : Device.cpu();
    }

    /** Whether the processor or the GPU says that it computes with bf16. */
    public static boolean supportsBf16() {
        return supportsBf16(best());
    }

    private static boolean supportsBf16(Device of) {
        return of.isGpu()
                ? Integer.parseInt(CudaUtils.getComputeCapability(0)) >= BF16_COMPUTE_CAPABILITY
                : Processor.here().multipliesBf16();
    }

    /**
     * What decides bits when this process computes like that on the best device of this machine. A run that begins here
     * has {@link Calibration#resolve} find out how.
     *
     * @param precision fp32 or bf16
     * @param channelsLast whether activations lie as NHWC in memory
     */
    public static Compute compute(Precision precision, boolean channelsLast) {
        return compute(precision, channelsLast, best(), threads());
    }

    private static synchronized Compute compute(Precision precision, boolean channelsLast, Device on, int threads) {
        String processor = on.isGpu()
                ? "GPU of compute capability " + CudaUtils.getComputeCapability(0)
                : Processor.here().toString();
        return new Compute(
                precision, channelsLast, on.isGpu() ? CUDA : CPU, threads, processor, "PyTorch " + engine.getVersion());
    }

    /**
     * Lets this process compute as a run is computed: on its kind of device, with its number of threads. It holds for the
     * calling thread, which is the one to train, and for what is loaded from now on.
     *
     * @return what is different here all the same, so that weights may come out with other bits; empty when nothing is
     * @throws UnavailableComputeException when this machine cannot
     */
    public static List<String> use(Compute compute) throws UnavailableComputeException {
        start();
        Device wanted = available(compute);
        // Both the value for threads to come and, in OpenMP, a property of the calling one.
        JniUtils.setNumThreads(compute.threads());
        synchronized (Torch.class) {
            device = wanted;
        }
        return differences(compute, compute(compute.precision(), compute.channelsLast(), wanted, compute.threads()));
    }

    private static synchronized Device available(Compute compute) throws UnavailableComputeException {
        boolean gpu = compute.device().equals(CUDA);
        if (!gpu && !compute.device().equals(CPU)) {
            throw new UnavailableComputeException(
                    "the run is computed on \"" + compute.device() + "\", this version knows " + CPU + " and " + CUDA);
        }
        if (gpu && engine.getGpuCount() == 0) {
            throw new UnavailableComputeException("the run is computed on " + compute.device() + " ("
                    + compute.processor()
                    + ") and this machine, or this installation, has none; let it go on where there"
                    + " is one");
        }
        if (gpu && compute.precision() == Precision.BF16 && !supportsBf16(Device.gpu())) {
            throw new UnavailableComputeException("the run is computed in bf16, which this GPU of compute capability "
                    + CudaUtils.getComputeCapability(0) + " lacks; let it go on on one of "
                    + BF16_COMPUTE_CAPABILITY + " or higher");
        }
        return gpu ? Device.gpu() : Device.cpu();
    }

    /** What of a run is not as it would be here. */
    static List<String> differences(Compute run, Compute here) {
        List<String> differences = new ArrayList<>();
        if (!run.processor().equals(here.processor())) {
            differences.add("processor " + here.processor() + " instead of " + run.processor());
        }
        if (!run.engine().equals(here.engine())) {
            differences.add("engine " + here.engine() + " instead of " + run.engine());
        }
        return differences;
    }

    /** Engine, version, device and threads, for logs and reports. */
    public static synchronized String description() {
        start();
        return "PyTorch " + engine.getVersion() + " on " + device() + " with " + threads() + " threads";
    }
}
