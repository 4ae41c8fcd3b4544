// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

/**
 * Records of one partition.
 *
 * @param from first offset, inclusive
 * @param to last offset, exclusive: where reading goes on
 */
public record OffsetRange(long from, long to) {}
