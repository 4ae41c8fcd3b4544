// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import java.util.List;

/**
 * A worker of trainer-service's {@code GET /workers}.
 *
 * @param worker its name: the label of its process
 * @param runId the run that it trains; null: none
 * @param replicas those that it has of the run; null: none
 */
public record PoolWorker(String worker, String runId, List<Integer> replicas) {}
