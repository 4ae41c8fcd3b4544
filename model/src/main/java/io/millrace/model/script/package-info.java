// SPDX-License-Identifier: Apache-2.0

/**
 * Writes TorchScript archives: a stored zip of a pickled module, its source and raw tensors, as
 * {@code torch.jit.save} lays it out. Knows nothing of networks.
 */
package io.millrace.model.script;
