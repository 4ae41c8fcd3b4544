// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import java.util.Collection;

/** What networks are run by where nothing is trained. Both give the same answers, to rounding. Thread-safe. */
public enum ScoringEngine {
    /** On processors. */
    ONNX_RUNTIME {
        @Override
        public String version() {
            return "ONNX Runtime " + OnnxRuntime.version();
        }

        @Override
        public String description() {
            return version() + " on cpu with " + Torch.threads() + " threads";
        }

        @Override
        FoldedNetwork load(
                Network network, Normalization normalization, Size size, Collection<Tensor> weights, Use use) {
            int threads = Math.max(1, Torch.threads() / use.callers());
            return OnnxNetwork.load(
                    network, normalization, size.height(), size.width(), weights, use.fewImages(), threads);
        }
    },
    /** On GPUs, and on processors where ONNX Runtime's libraries are missing; it is what trains, too. */
    PYTORCH {
        @Override
        public String version() {
            return Torch.version();
        }

        @Override
        public String description() {
            return Torch.description();
        }

        @Override
        FoldedNetwork load(
                Network network, Normalization normalization, Size size, Collection<Tensor> weights, Use use) {
            return ScriptedNetwork.load(network, normalization, size.height(), size.width(), weights);
        }
    };

    private static final System.Logger LOGGER = System.getLogger(ScoringEngine.class.getName());

    private static ScoringEngine here;

    /** Of images, in pixels. */
    record Size(int height, int width) {}

    /**
     * How a network is asked.
     *
     * @param fewImages whether calls with few images matter
     * @param callers threads that ask at once
     */
    record Use(boolean fewImages, int callers) {}

    /**
     * The engine for this process, started: PyTorch where it is built for GPUs and there is one, else ONNX Runtime, else
     * PyTorch.
     *
     * @throws IllegalStateException when there is neither, with the reasons and the remedy
     */
    public static synchronized ScoringEngine here() {
        if (here == null) {
            here = choose();
        }
        return here;
    }

    private static ScoringEngine choose() {
        if (Devices.seeGpu()) {
            Torch.start();
            return PYTORCH;
        }
        try {
            OnnxRuntime.start();
            return ONNX_RUNTIME;
        } catch (IllegalStateException e) {
            try {
                Torch.start();
            } catch (IllegalStateException none) {
                e.addSuppressed(none);
                throw e;
            }
            LOGGER.log(System.Logger.Level.WARNING, e.getMessage() + ". PyTorch takes over, which is slower");
            return PYTORCH;
        }
    }

    /** Name and version, as evaluations record them. */
    public abstract String version();

    /** Engine, version, device and threads, for logs and reports. */
    public abstract String description();

    /** @throws IllegalArgumentException when the weights do not fit the network, or the images */
    abstract FoldedNetwork load(
            Network network, Normalization normalization, Size size, Collection<Tensor> weights, Use use);
}
