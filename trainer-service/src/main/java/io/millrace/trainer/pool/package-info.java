// SPDX-License-Identifier: Apache-2.0
/**
 * Who trains what: the trainers that share a broker are workers of one pool, members of one consumer group, and its leader
 * hands the replicas of the runs out among them (ADR 24). Nothing here trains.
 */
package io.millrace.trainer.pool;
