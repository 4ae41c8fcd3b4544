// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.contracts.event.NetworkFile;

/**
 * What all trials of a search have in common, beside the recipe.
 *
 * @param dataset what is learnt
 * @param network what learns
 * @param seed of weights, shuffling and augmentation, and of what is drawn
 */
public record Setting(String dataset, NetworkFile network, long seed) {}
