// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

/** What a checkpoint can be taken home as. */
public enum Format {
    /** Weights under torchvision's names, for whoever has the network. */
    SAFETENSORS,
    /** Weights and network, for {@code torch.jit.load}. */
    TORCHSCRIPT,
    /** Weights and network, for ONNX Runtime and whatever else reads ONNX. */
    ONNX
}
