// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.run.LogLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The log of one live run: which steps it holds, and whether more may be published. It is always a rising run of steps,
 * {@code first} to {@code next - 1}. Confined to the publishing thread.
 */
final class RunLog {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private RunSpec run;
    private final LogLimits limits;
    private final Topic topic;
    private LogTopics.Identity identity;
    private long first;
    private long next;
    /** No delta of a round that had ended by this step is needed. */
    private long deltasFrom;
    /** What the trainer lacked when it began again, and may lack still. */
    private Long lacked;
    /** When it could not go on, by the clock of nanoTime; null while it can. */
    private Long pausedNanos;
    /** The two newest, the newest last. */
    private List<Position> checkpoints = List.of();
    /** Those that the trainer has fallen behind: their offsets mean nothing in this log. */
    private List<Position> outdated = List.of();

    /** Of which nothing is known yet. */
    RunLog(RunSpec run, LogLimits limits) {
        this.run = run;
        this.limits = limits;
        this.topic = Topic.batches(run.incarnation());
    }

    RunSpec run() {
        return run;
    }

    /** Of the same run, of which something else is wanted now. */
    RunLog of(RunSpec wanted) {
        run = wanted;
        return this;
    }

    Topic topic() {
        return topic;
    }

    /** Where its replicas share what they learnt; empty where it has none. */
    Optional<Topic> deltas() {
        return run.inRounds() ? Optional.of(Topic.deltas(run.incarnation())) : Optional.empty();
    }

    /** All that it consists of. */
    List<Topic> topics() {
        return Stream.concat(Stream.of(topic), deltas().stream()).toList();
    }

    /** Which topic it is and where it begins; null until it was opened. */
    LogTopics.Identity identity() {
        return identity;
    }

    /** The topic is there, and holds these steps. */
    void opened(LogTopics.Identity is, long first, long next) {
        this.identity = is;
        this.first = first;
        this.next = next;
    }

    /** It has to be opened anew: somebody else has deleted from it. */
    void lost() {
        identity = null;
        lacked = null;
    }

    /** The two newest checkpoints of the run, the newest last. */
    void checkpointed(List<Position> latest) {
        checkpoints =
                latest.stream().filter(position -> !outdated.contains(position)).toList();
    }

    /** A checkpoint's offsets are none of this log. */
    void distrust(Position position) {
        outdated = Stream.concat(outdated.stream(), Stream.of(position)).toList();
        checkpointed(checkpoints);
    }

    /** The first step that has to be published. */
    long next() {
        return next;
    }

    boolean isComplete() {
        return next >= run.steps();
    }

    /** Steps up to this one are in it. */
    void published(long upTo) {
        next = upTo;
    }

    /** It was emptied, and publishing begins again with a step. */
    void restarted(LogTopics.Identity is, long step) {
        opened(is, step, step);
        lacked = step;
        checkpoints.stream().filter(position -> position.step() > step).forEach(this::distrust);
    }

    /**
     * Whether it has to begin again with what the trainer lacks: once for each time that something is lacked. That it holds
     * such a step does not matter: it may lie before the place at which the trainer reads.
     *
     * @param step null while nothing is lacked
     */
    boolean hasToRestart(Long step) {
        if (step == null) {
            lacked = null;
        }
        return step != null && step < run.steps() && !step.equals(lacked);
    }

    /** Steps that are in no checkpoint yet. */
    long ahead() {
        return next
                - checkpoints.stream()
                        .mapToLong(Position::step)
                        .filter(step -> step > first && step <= next)
                        .max()
                        .orElse(first);
    }

    /** How many steps may be published now, at most so many. */
    int room(int most) {
        int steps = 0;
        while (steps < most && next + steps < run.steps() && limits.hasRoom(run, ahead(), steps + 1)) {
            steps++;
        }
        return steps;
    }

    /** It cannot go on now; it is tried again after a while. */
    void paused() {
        pausedNanos = System.nanoTime();
    }

    boolean isPaused() {
        return pausedNanos != null && System.nanoTime() - pausedNanos < RETRY.toNanos();
    }

    /** It goes on; whether it could not before. */
    boolean resumed() {
        boolean before = pausedNanos != null;
        pausedNanos = null;
        return before;
    }

    /** How it stands. */
    DatasetMetrics.Fill fill() {
        long step = LogLimits.stepBytes(run);
        return new DatasetMetrics.Fill(run.runId(), ahead() * run.shards(), ahead() * step, bytes());
    }

    /**
     * The checkpoint behind which the deltas may be cut, the second-newest: however little room they take, nobody needs them
     * any more. Empty where that was done.
     */
    Optional<Position> behindDeltas() {
        return deltas().isEmpty() || checkpoints.size() < 2
                ? Optional.empty()
                : Optional.of(checkpoints.get(0)).filter(position -> position.step() > deltasFrom);
    }

    void deltasTrimmed(Position behind) {
        deltasFrom = behind.step();
    }

    /** About what it holds. */
    long bytes() {
        return (next - first) * LogLimits.stepBytes(run);
    }

    /** The checkpoint behind which it may be cut, the second-newest, when it holds more than it may. */
    Optional<Position> surplus() {
        return bytes() <= limits.budget() || checkpoints.size() < 2
                ? Optional.empty()
                : Optional.of(checkpoints.get(0))
                        .filter(position -> position.step() > first && position.step() <= next);
    }
}
