// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

/**
 * A line of dataset-service's {@code GET /datasets}.
 *
 * @param name of the data set
 * @param available whether a run on it can start
 * @param reason why not; null otherwise
 */
public record Availability(String name, boolean available, String reason) {}
