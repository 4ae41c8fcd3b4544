// SPDX-License-Identifier: Apache-2.0

/**
 * Writes ONNX: operators, float32 tensors and outputs, as <a href="https://onnx.ai/onnx/repo-docs/IR.html">ONNX's
 * intermediate representation</a> has them. Knows nothing of networks.
 */
package io.millrace.model.onnx;
