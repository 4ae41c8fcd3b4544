// SPDX-License-Identifier: Apache-2.0

/** Optimizers with torch's semantics: the buffers that they keep, and the update as TorchScript. */
package io.millrace.model.optimizer;
