// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

/**
 * What decides the bits of a run's weights beside its description. Resolved once, before the first step; it stands in the
 * run's status and in its checkpoints, and every process that goes on with the run obeys it.
 *
 * @param precision of the convolutions, never {@code auto}
 * @param channelsLast whether activations lie as NHWC in memory
 * @param device its kind: {@code cpu} or {@code cuda}
 * @param threads within an operation
 * @param processor what computed, with its instruction set: {@code AMD EPYC (avx512_bf16)}; another one may round otherwise
 * @param engine name and version: {@code PyTorch 2.3.1}; another one may round otherwise
 */
public record Compute(
        Precision precision, boolean channelsLast, String device, int threads, String processor, String engine) {
    public Compute {
        Fields.require(
                "compute.precision", precision, precision != null && precision != Precision.AUTO, "fp32 or bf16");
        Fields.present(device, "compute.device");
        Fields.atLeast(1, threads, "compute.threads");
        Fields.present(processor, "compute.processor");
        Fields.present(engine, "compute.engine");
    }
}
