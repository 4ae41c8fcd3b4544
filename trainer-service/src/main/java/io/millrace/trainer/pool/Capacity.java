// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

/**
 * What a worker has.
 *
 * @param slots its devices, at least 1
 * @param memoryBytes that training may take; null where it is not known
 */
public record Capacity(int slots, Long memoryBytes) {}
