// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

/** What a record turned out to be. */
sealed interface Reading {
    /** What the next step is waiting for; unreadable where its images are empty. */
    record Next(ShardBatch batch) implements Reading {}

    /** A batch that was read before. */
    record Duplicate() implements Reading {}

    /** A batch of a run that is over. */
    record PastRun() implements Reading {}

    /** For the dead letters; it fills no place in the run. */
    record Bad(String reason) implements Reading {}

    /** For the dead letters; its headers say which place it would have filled, and the step goes without it. */
    record BadNext(ShardBatch batch, String reason) implements Reading {}

    /** The run cannot go on. */
    record Broken(String reason) implements Reading {}
}
