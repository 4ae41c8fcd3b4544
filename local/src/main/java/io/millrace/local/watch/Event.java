// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.contracts.event.RunSpec;
import io.millrace.local.stack.Part;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Something that a user wants to see. */
public sealed interface Event {
    /** How a process stands. */
    enum Health {
        /** It is not started yet. */
        WAITING,
        STARTING,
        READY,
        /** Alive, without what it needs to do its work. */
        NOT_READY,
        RESTARTING,
        DOWN
    }

    /**
     * A process has changed.
     *
     * @param part the process
     * @param health how it stands now
     * @param detail more about it; may be empty
     */
    record PartChanged(Part part, Health health, String detail) implements Event {}

    /** The run of this start is known. */
    record RunKnown(RunSpec run) implements Event {}

    /**
     * Something hinders the run, or does so for another reason than before.
     *
     * @param lines what, and what to do
     */
    record Hindered(Problem problem, List<String> lines) implements Event {}

    /** Something hinders the run no more. */
    record Solved(Problem problem) implements Event {}

    /** Training goes on. */
    record Trained(TrainerRun run) implements Event {}

    /** Which of several workers has what. */
    record Shared(List<PoolWorker> workers) implements Event {}

    /** A checkpoint was scored. */
    record Evaluated(Standing standing) implements Event {}

    /** A checkpoint is to be served. */
    record Promoted(Standing standing) implements Event {}

    /** A model is served. */
    record Serving(ServedVersion model) implements Event {}

    /**
     * A user can ask for predictions.
     *
     * @param inference where
     * @param dataset where runs are started
     * @param leaderboard where results are
     * @param sample something to try it with, if it could be had
     */
    record Open(URI inference, URI dataset, URI leaderboard, Optional<Sample> sample) implements Event {}

    /**
     * A picture to try the model with.
     *
     * @param curl a command that works as it stands
     * @param truth what the picture in the command shows
     */
    record Sample(String curl, String truth) {}

    /** Something to be said once. */
    record Note(String text) implements Event {}

    /** Something to be said once that the user may have to act on. */
    record Warning(String text) implements Event {}

    /** Nothing has happened; time has passed. */
    record Tick() implements Event {}
}
