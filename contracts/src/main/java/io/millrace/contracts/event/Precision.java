// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The number format of the convolutions; weights and optimizer state are float32 always. */
public enum Precision {
    /** The faster one where the run begins, measured before its first step; the run records which it was. */
    @JsonProperty("auto")
    AUTO,
    @JsonProperty("fp32")
    FP32,
    @JsonProperty("bf16")
    BF16
}
