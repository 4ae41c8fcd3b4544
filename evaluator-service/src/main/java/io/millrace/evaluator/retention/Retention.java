// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.model.checkpoint.StoredRuns;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Deletes what need not stay: checkpoints that the rule does not keep, what ended runs could go on from, everything of those
 * that were removed, and what nobody means any more. What cannot be deleted now is tried again the next time. For one thread
 * at a time, and while no promotion is decided.
 */
public final class Retention {
    private final RetentionRule rule;
    private final int keepRuns;
    private final KnownRuns runs;
    private final Leaderboard leaderboard;
    private final Promotions promotions;
    private final CheckpointDeletion deletion;
    private final StoredRuns stored;
    private final Consumer<String> withdrawal;
    private final Set<CheckpointRef> gone = new HashSet<>();
    private final Set<String> retired = new HashSet<>();

    /**
     * One that has deleted nothing yet.
     *
     * @param keepRuns how many of the runs that ended last keep more than their best checkpoint
     * @param withdrawal takes the line of a checkpoint, by its id, from the log of evaluations
     */
    public Retention(
            RetentionRule rule,
            int keepRuns,
            KnownRuns runs,
            Leaderboard leaderboard,
            Promotions promotions,
            CheckpointDeletion deletion,
            StoredRuns stored,
            Consumer<String> withdrawal) {
        this.rule = rule;
        this.keepRuns = keepRuns;
        this.runs = runs;
        this.leaderboard = leaderboard;
        this.promotions = promotions;
        this.deletion = deletion;
        this.stored = stored;
        this.withdrawal = withdrawal;
    }

    /** Deletes what the rules do not keep. */
    public void tidy() {
        attempt("what is stored cannot be listed", () -> {
            for (String folder : stored.folders()) {
                if (runs.isRemoved(folder)) {
                    remove(folder);
                }
            }
        });
        leaderboard.bestFirst().stream()
                .map(EvaluationCompleted::checkpoint)
                .filter(checkpoint -> runs.isRemoved(checkpoint.incarnation()) && !promotions.isPromoted(checkpoint))
                .forEach(checkpoint -> withdrawal.accept(checkpoint.checkpointId()));
        Set<String> old = runs.endedBefore(keepRuns);
        superfluous(old).stream()
                .filter(checkpoint -> !gone.contains(checkpoint))
                .forEach(this::delete);
        old.stream().filter(run -> !retired.contains(run)).sorted().forEach(this::retire);
    }

    /** The checkpoints on the leaderboard whose files are deleted, or are about to be. Any thread may ask. */
    public Set<CheckpointRef> superfluous() {
        return Set.copyOf(superfluous(runs.endedBefore(keepRuns)));
    }

    private List<CheckpointRef> superfluous(Set<String> old) {
        return rule.superfluous(
                leaderboard.bestFirst(),
                one -> runs.isRemoved(one.incarnation()) || promotions.isNeeded(one) || runs.isStart(one),
                old::contains);
    }

    /** Also when there is nothing on the leaderboard: a trainer that was slow may write once more. */
    public void remove(String incarnation) {
        List<String> served = promotions.all().stream()
                .map(promotion -> promotion.checkpoint().uri())
                .toList();
        attempt("removed run " + incarnation + " is not all deleted", () -> {
            if (stored.remove(incarnation, served)) {
                Log.infof("Deleted what was stored of a removed run. incarnation=%s", incarnation);
            }
        });
    }

    private void retire(String incarnation) {
        attempt("run " + incarnation + " keeps what it could go on from", () -> {
            if (stored.retire(incarnation)) {
                Log.infof("The run ended long ago; its best checkpoint stays. incarnation=%s", incarnation);
            }
            retired.add(incarnation);
        });
    }

    /**
     * Deletes what nobody means any more: half-written files, what was set aside, and of runs that have ended weights that
     * were never announced. No topic says alone what was: it may be lost, or have forgotten its begin. Weights that were
     * evaluated or promoted were announced, too; and of a run of which no weights are known all stay.
     *
     * @param before only what was written before then: no process takes so long
     * @param announced the addresses of all weights of which the announcement is there, asked for when there is a run to
     *     look at
     */
    public void sweep(Instant before, Supplier<Set<String>> announced) {
        attempt("what nobody means any more is not all deleted", () -> {
            Set<String> known = null;
            for (String folder : stored.folders()) {
                boolean ended = runs.hasEnded(folder);
                if (ended && known == null) {
                    known = known(announced.get());
                }
                Set<String> all = known;
                boolean told = ended && all.stream().anyMatch(uri -> uri.startsWith(folder + '/'));
                stored.sweep(folder, before, uri -> told && !all.contains(uri));
            }
        });
    }

    private Set<String> known(Set<String> announced) {
        Set<String> known = new HashSet<>(announced);
        leaderboard
                .bestFirst()
                .forEach(evaluation -> known.add(evaluation.checkpoint().uri()));
        promotions.needed().forEach(checkpoint -> known.add(checkpoint.uri()));
        return known;
    }

    private interface Deletion {
        void run() throws IOException;
    }

    private static void attempt(String otherwise, Deletion deletion) {
        try {
            deletion.run();
        } catch (IOException e) {
            Log.warnf("Not deleted; trying again later: %s. reason=\"%s\"", otherwise, e.getMessage());
        }
    }

    private void delete(CheckpointRef checkpoint) {
        try {
            deletion.delete(checkpoint);
            gone.add(checkpoint);
            Log.infof("Checkpoint deleted. runId=%s checkpointId=%s", checkpoint.runId(), checkpoint.checkpointId());
        } catch (IllegalArgumentException e) {
            // No other attempt would do better, and no other checkpoint should suffer from it.
            gone.add(checkpoint);
            Log.errorf(
                    "Checkpoint cannot be deleted, and is left alone. checkpointId=%s reason=\"%s\"",
                    checkpoint.checkpointId(), e.getMessage());
        } catch (IOException e) {
            Log.warnf(
                    "Checkpoint not deleted; trying again later. checkpointId=%s reason=\"%s\"",
                    checkpoint.checkpointId(), e.getMessage());
        }
    }
}
