// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Promotions;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Deletes superfluous checkpoints. What cannot be deleted now is tried again the next time. For one thread at a time,
 * and while no promotion is decided.
 */
public final class Retention {
    private final RetentionRule rule;
    private final Leaderboard leaderboard;
    private final Promotions promotions;
    private final CheckpointDeletion deletion;
    private final Set<CheckpointRef> gone = new HashSet<>();

    public Retention(RetentionRule rule, Leaderboard leaderboard, Promotions promotions, CheckpointDeletion deletion) {
        this.rule = rule;
        this.leaderboard = leaderboard;
        this.promotions = promotions;
        this.deletion = deletion;
    }

    /** Deletes what the rule does not keep. */
    public void tidy() {
        for (CheckpointRef checkpoint : rule.superfluous(leaderboard.bestFirst(), promotions::isNeeded)) {
            if (!gone.contains(checkpoint)) {
                delete(checkpoint);
            }
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
