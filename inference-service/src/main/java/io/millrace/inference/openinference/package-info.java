// SPDX-License-Identifier: Apache-2.0

/**
 * The <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>, version 2, with the extensions of Triton
 * for binary tensors and classification, and KServe's protocol before it. What is asked and what is answered here; how it is worked
 * out is {@link io.millrace.inference.classify.Inference}, as for every other protocol.
 */
package io.millrace.inference.openinference;
