// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.PromotionRefusedException.Reason;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Decides what is served, one decision at a time. Thread-safe; {@link #exclusively} keeps decisions out meanwhile. All
 * methods throw {@link org.apache.kafka.common.KafkaException} when the broker does not confirm, and
 * {@link UncheckedIOException} when the store cannot be read.
 */
public final class Promoter {
    private final Leaderboard leaderboard;
    private final Promotions promotions;
    private final PromotionLog log;
    private final CheckpointCheck files;
    private final InstantSource clock;

    public Promoter(
            Leaderboard leaderboard,
            Promotions promotions,
            PromotionLog log,
            CheckpointCheck files,
            InstantSource clock) {
        this.leaderboard = leaderboard;
        this.promotions = promotions;
        this.log = log;
        this.files = files;
        this.clock = clock;
    }

    /**
     * Promotes an evaluated checkpoint when {@link PromotionRule} says so.
     *
     * @param candidate stands on the leaderboard
     * @param fresh whether it was scored just now; otherwise it may be old news, and its file may be gone
     * @return whether it was promoted
     */
    public synchronized boolean consider(EvaluationCompleted candidate, boolean fresh) {
        log.catchUp();
        Optional<ModelPromoted> current = promotions.current(candidate.model());
        boolean due = (fresh || PromotionRule.outstanding(candidate, current))
                && PromotionRule.better(
                        candidate,
                        current,
                        leaderboard
                                .firstEvaluated(candidate.model(), candidate.datasetDigest())
                                .orElse(candidate.evaluatedAt()));
        if (!due) {
            return false;
        }
        try {
            files.check(candidate.checkpoint());
        } catch (CorruptCheckpointException e) {
            Log.warnf(
                    "Not promoted: the file is no longer what was scored. checkpointId=%s reason=\"%s\"",
                    candidate.checkpoint().checkpointId(), e.getMessage());
            return false;
        } catch (IOException e) {
            throw unreadable(e);
        }
        append(candidate.model(), candidate, Cause.BEST);
        return true;
    }

    /**
     * Promotes a checkpoint because somebody asks for it. Asking again changes nothing.
     *
     * @return what is promoted then
     */
    public synchronized ModelPromoted promote(String model, String checkpointId) throws PromotionRefusedException {
        log.catchUp();
        EvaluationCompleted evaluation = leaderboard
                .find(checkpointId)
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.UNKNOWN, "no checkpoint \"" + checkpointId + "\" has been evaluated"));
        if (!evaluation.model().equals(model)) {
            throw new PromotionRefusedException(
                    Reason.OTHER_MODEL,
                    "checkpoint \"" + checkpointId + "\" is one of the model \"" + evaluation.model() + "\"");
        }
        check(evaluation.checkpoint());
        Optional<ModelPromoted> current = promotions.current(model);
        if (current.isPresent() && current.get().checkpoint().equals(evaluation.checkpoint())) {
            return current.get();
        }
        return append(model, evaluation, Cause.MANUAL);
    }

    /**
     * Promotes what was promoted before. A second rollback takes back the first: the log of promotions is compacted and
     * knows one predecessor.
     *
     * @return what is promoted then
     */
    public synchronized ModelPromoted rollback(String model) throws PromotionRefusedException {
        log.catchUp();
        ModelPromoted current = promotions
                .current(model)
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.UNKNOWN, "nothing is promoted under the name \"" + model + "\""));
        CheckpointRef previous = Optional.ofNullable(current.previous())
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.NO_PREVIOUS,
                        "\"" + model + "\" has been \"" + current.checkpoint().checkpointId() + "\" from the start"));
        EvaluationCompleted evaluation = leaderboard
                .find(previous)
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.FILE, "the file of \"" + previous.checkpointId() + "\" has been written anew since"));
        check(previous);
        return append(model, evaluation, Cause.ROLLBACK);
    }

    /** Runs something while no decision is made, such as deleting files that a decision may be about. */
    public synchronized void exclusively(Runnable action) {
        action.run();
    }

    private void check(CheckpointRef checkpoint) throws PromotionRefusedException {
        try {
            files.check(checkpoint);
        } catch (CorruptCheckpointException e) {
            throw new PromotionRefusedException(
                    Reason.FILE,
                    "checkpoint \"" + checkpoint.checkpointId() + "\" cannot be served: " + e.getMessage());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static UncheckedIOException unreadable(IOException e) {
        return new UncheckedIOException("the checkpoint store cannot be read: " + e, e);
    }

    private ModelPromoted append(String model, EvaluationCompleted evaluation, Cause cause) {
        CheckpointRef previous =
                promotions.current(model).map(ModelPromoted::checkpoint).orElse(null);
        ModelPromoted promotion =
                new ModelPromoted(model, evaluation.checkpoint(), evaluation, previous, cause, clock.instant());
        log.append(promotion);
        Log.infof(
                "Promoted. model=%s checkpointId=%s accuracy=%.4f cause=%s previous=%s",
                model,
                evaluation.checkpoint().checkpointId(),
                evaluation.accuracy(),
                cause,
                previous == null ? "none" : previous.checkpointId());
        return promotion;
    }
}
