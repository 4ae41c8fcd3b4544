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
import java.util.Optional;

/**
 * The engine under the model: started once in a process, with a fixed number of threads and without asking the network
 * for anything. Thread-safe.
 */
public final class Torch {
    /** System property: threads within an operation; the processors of this machine otherwise. */
    public static final String THREADS_PROPERTY = "millrace.threads";

    /** Ampere: the first GPUs with bf16. */
    private static final int BF16_COMPUTE_CAPABILITY = 80;

    private static final String CUDA_DRIVER = "libcuda.so";

    private static Engine engine;
    /** What is computed on where nothing else is asked for. */
    private static Device preferred;
    /** Of the latest {@link #use} of a thread. */
    private static final ThreadLocal<Device> CHOSEN = new ThreadLocal<>();

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

    /** The device of this thread's latest {@link #use}; before, the preferred one. */
    static Device device() {
        return CHOSEN.get() == null ? best() : CHOSEN.get();
    }

    /**
     * Says what to compute on where nothing else is asked for.
     *
     * @param name {@code cpu}, {@code cuda:N}, {@code mps}, or {@code auto}: the first GPU where there is one, else the
     *     processor
     * @throws IllegalArgumentException when there is no such device, naming those that there are
     */
    public static synchronized void prefer(String name) {
        start();
        preferred = Devices.here(engine.getGpuCount()).named(name);
    }

    private static synchronized Device best() {
        if (preferred == null) {
            prefer(Devices.AUTO);
        }
        return preferred;
    }

    /** Bytes of the GPU that is computed on; empty where that is none. */
    static Optional<Long> gpuMemory() {
        return device().isGpu() ? Optional.of(CudaUtils.getGpuMemory(device()).getMax()) : Optional.empty();
    }

    /** Whether the processor or the GPU says that it computes with bf16. */
    public static boolean supportsBf16() {
        return supportsBf16(best());
    }

    private static boolean supportsBf16(Device of) {
        if (of.isGpu()) {
            return Integer.parseInt(CudaUtils.getComputeCapability(of.getDeviceId())) >= BF16_COMPUTE_CAPABILITY;
        }
        return Devices.kind(of).equals(Devices.CPU) && Processor.here().multipliesBf16();
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

    private static Compute compute(Precision precision, boolean channelsLast, Device on, int threads) {
        String processor = on.isGpu()
                ? "GPU of compute capability " + CudaUtils.getComputeCapability(on.getDeviceId())
                : Processor.here().toString();
        return new Compute(precision, channelsLast, Devices.kind(on), threads, processor, version());
    }

    /**
     * Lets the calling thread compute as a run is computed: on its kind of device, with its number of threads. It holds for
     * what this thread loads from now on: of several learners in a process, each stays where it was made.
     *
     * @return what is different here all the same, so that weights may come out with other bits; empty when nothing is
     * @throws UnavailableComputeException when this machine cannot
     */
    public static List<String> use(Compute compute) throws UnavailableComputeException {
        return use(compute, compute.device().equals(Devices.kind(best())) ? best() : available(compute.device()));
    }

    /**
     * As {@link #use(Compute)}, on a device by name.
     *
     * @param name as in {@link #prefer}
     * @throws UnavailableComputeException when this machine cannot, or has no such device of the run's kind
     */
    public static List<String> use(Compute compute, String name) throws UnavailableComputeException {
        Device named = available(name);
        if (!Devices.kind(named).equals(compute.device())) {
            throw new UnavailableComputeException("the run is computed on " + compute.device() + ", not on " + name);
        }
        return use(compute, named);
    }

    private static List<String> use(Compute compute, Device wanted) throws UnavailableComputeException {
        requireAble(compute, wanted);
        // Both the value for threads to come and, in OpenMP, a property of the calling one.
        JniUtils.setNumThreads(compute.threads());
        CHOSEN.set(wanted);
        return differences(compute, compute(compute.precision(), compute.channelsLast(), wanted, compute.threads()));
    }

    private static synchronized Device available(String name) throws UnavailableComputeException {
        start();
        try {
            return Devices.here(engine.getGpuCount()).named(name);
        } catch (IllegalArgumentException e) {
            throw new UnavailableComputeException(
                    "the run is computed on " + name + ", and " + e.getMessage() + "; let it go on where there is one");
        }
    }

    private static void requireAble(Compute compute, Device on) throws UnavailableComputeException {
        if (on.isGpu() && compute.precision() == Precision.BF16 && !supportsBf16(on)) {
            throw new UnavailableComputeException("the run is computed in bf16, which this GPU of compute capability "
                    + CudaUtils.getComputeCapability(on.getDeviceId()) + " lacks; let it go on on one of "
                    + BF16_COMPUTE_CAPABILITY + " or higher");
        }
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

    /** Name and version. */
    static synchronized String version() {
        start();
        return "PyTorch " + engine.getVersion();
    }

    /** Engine, version, device and threads, for logs and reports. */
    public static String description() {
        return version() + " on " + device() + " with " + threads() + " threads";
    }
}
