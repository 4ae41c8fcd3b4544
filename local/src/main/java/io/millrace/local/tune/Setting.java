// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Start;
import java.util.Optional;

/**
 * What all trials of a search have in common, beside the recipe.
 *
 * @param dataset what is learnt
 * @param network what learns
 * @param seed of weights, shuffling and augmentation, and of what is drawn
 * @param start what they start from; empty: fresh weights
 */
public record Setting(String dataset, NetworkFile network, long seed, Optional<Start> start) {}
