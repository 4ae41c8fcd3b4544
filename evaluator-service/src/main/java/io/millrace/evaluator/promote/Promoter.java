// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.PromotionRefusedException.Reason;
import io.millrace.kafka.feedback.LiveScore;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides what is served, one decision at a time. Thread-safe; {@link #exclusively} keeps decisions out meanwhile. All
 * methods throw {@link org.apache.kafka.common.KafkaException} when the broker does not confirm, and
 * {@link UncheckedIOException} when the store cannot be read.
 */
public final class Promoter {
    /** Of fewer answers people's word decides nothing: corrections come first, and one may lie below the bound of many. */
    private static final int ENOUGH_ANSWERS = 30;

    private final Leaderboard leaderboard;
    private final Promotions promotions;
    private final PromotionLog log;
    private final CheckpointCheck files;
    private final InstantSource clock;
    private final PromotionRule rule;

    public Promoter(
            PromotionRule rule,
            Leaderboard leaderboard,
            Promotions promotions,
            PromotionLog log,
            CheckpointCheck files,
            InstantSource clock) {
        this.rule = rule;
        this.leaderboard = leaderboard;
        this.promotions = promotions;
        this.log = log;
        this.files = files;
        this.clock = clock;
    }

    /**
     * Promotes an evaluated checkpoint when {@link PromotionRule} has nothing against it.
     *
     * @param candidate stands on the leaderboard
     * @param fresh whether it was scored just now; otherwise it may be old news, and its file may be gone
     * @return whether it was promoted
     */
    public synchronized boolean consider(EvaluationCompleted candidate, boolean fresh) {
        log.catchUp();
        Optional<ModelPromoted> current = promotions.current(candidate.model());
        if (!fresh && !PromotionRule.outstanding(candidate, current) || !mayFollow(candidate, current)) {
            return false;
        }
        append(candidate, Cause.BEST, current.map(ModelPromoted::pinned).orElse(false));
        return true;
    }

    private boolean mayFollow(EvaluationCompleted candidate, Optional<ModelPromoted> current) {
        Optional<Objection> objection = rule.objection(candidate, current);
        if (objection.isPresent()) {
            objection
                    .filter(Objection::remarkable)
                    .ifPresent(against -> Log.infof(
                            "Not promoted. model=%s checkpointId=%s reason=\"%s\"",
                            candidate.model(), candidate.checkpoint().checkpointId(), against.reason()));
            return false;
        }
        try {
            files.check(candidate.checkpoint());
            return true;
        } catch (CorruptCheckpointException e) {
            Log.warnf(
                    "Not promoted: the file is no longer what was scored. checkpointId=%s reason=\"%s\"",
                    candidate.checkpoint().checkpointId(), e.getMessage());
            return false;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** What keeps an evaluated checkpoint from being promoted without being asked for; empty when nothing does. */
    public Optional<Objection> objection(EvaluationCompleted candidate) {
        Optional<ModelPromoted> current = promotions.current(candidate.model());
        return rule.objection(candidate, current)
                .or(() -> current.filter(decided -> !PromotionRule.outstanding(candidate, current))
                        .map(PromotionRule::tooLate));
    }

    /**
     * Promotes a checkpoint because somebody asks for it, and pins it. Asking again changes nothing.
     *
     * @return what is promoted then
     */
    public synchronized ModelPromoted promote(String model, String checkpointId) throws PromotionRefusedException {
        log.catchUp();
        EvaluationCompleted evaluation = evaluated(model, checkpointId);
        Optional<ModelPromoted> current = promotions.current(model);
        if (current.isPresent() && current.get().checkpoint().equals(evaluation.checkpoint())) {
            return current.get().pinned() ? current.get() : again(current.get(), true, now());
        }
        Optional<String> bound = current.flatMap(other -> PromotionRule.binding(evaluation, other));
        if (bound.isPresent()) {
            throw new PromotionRefusedException(Reason.BOUND, bound.get());
        }
        return append(evaluation, Cause.MANUAL, true);
    }

    /**
     * Has a checkpoint asked beside what is promoted, in place of any other; its answers are given to nobody. Asking again changes
     * nothing.
     *
     * @return what is promoted, with its shadow
     */
    public synchronized ModelPromoted shadow(String model, String checkpointId) throws PromotionRefusedException {
        log.catchUp();
        ModelPromoted current = current(model);
        EvaluationCompleted evaluation = evaluated(model, checkpointId);
        if (evaluation.checkpoint().equals(current.checkpoint())) {
            throw new PromotionRefusedException(
                    Reason.SERVED,
                    "checkpoint \"" + checkpointId + "\" is what is promoted as \"" + model
                            + "\" already; a shadow is another one of its checkpoints");
        }
        Optional<String> bound = PromotionRule.binding(evaluation, current);
        if (bound.isPresent()) {
            throw new PromotionRefusedException(Reason.BOUND, bound.get());
        }
        return beside(current, evaluation.checkpoint());
    }

    /** Has nothing asked beside what is promoted any more. */
    public synchronized ModelPromoted unshadow(String model) throws PromotionRefusedException {
        log.catchUp();
        return beside(current(model), null);
    }

    private ModelPromoted beside(ModelPromoted current, CheckpointRef shadow) {
        if (Objects.equals(current.shadow(), shadow)) {
            return current;
        }
        ModelPromoted changed = current.beside(shadow);
        log.append(changed);
        Log.infof(
                "Shadow changed. model=%s checkpointId=%s shadow=%s",
                changed.model(), changed.checkpoint().checkpointId(), shadow == null ? "none" : shadow.checkpointId());
        return changed;
    }

    /** A checkpoint of the model that was evaluated, and whose file is whole. */
    private EvaluationCompleted evaluated(String model, String checkpointId) throws PromotionRefusedException {
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
        return evaluation;
    }

    /**
     * Promotes what was promoted before, and pins it. A second rollback takes back the first: the log of promotions is
     * compacted and knows one predecessor.
     *
     * @return what is promoted then
     */
    public synchronized ModelPromoted rollback(String model) throws PromotionRefusedException {
        log.catchUp();
        ModelPromoted current = current(model);
        CheckpointRef previous = Optional.ofNullable(current.previous())
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.NO_PREVIOUS,
                        "\"" + model + "\" has been \"" + current.checkpoint().checkpointId() + "\" from the start"));
        EvaluationCompleted evaluation = leaderboard
                .find(previous)
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.FILE, "the file of \"" + previous.checkpointId() + "\" has been written anew since"));
        check(previous);
        return append(evaluation, Cause.ROLLBACK, true);
    }

    /**
     * Goes back to what was promoted before where that does better for people, each with a confidence of 95 %: what is promoted is right less
     * often than the other at least. Not on fewer than 30 answers of either, and never where somebody pinned it, or where a rollback led to it: two versions would take turns.
     *
     * @param live what people say of a version, by the id of its checkpoint
     * @return what is promoted then; empty where nothing changes
     */
    public synchronized Optional<ModelPromoted> rollbackIfWorse(String model, Function<String, LiveScore> live)
            throws PromotionRefusedException {
        log.catchUp();
        Optional<ModelPromoted> changeable = promotions
                .current(model)
                .filter(current ->
                        current.previous() != null && !current.pinned() && current.cause() != Cause.ROLLBACK);
        if (changeable.isEmpty()) {
            return Optional.empty();
        }
        String promoted = changeable.get().checkpoint().checkpointId();
        String before = changeable.get().previous().checkpointId();
        LiveScore now = live.apply(promoted);
        LiveScore then = live.apply(before);
        if (Math.min(now.all(), then.all()) < ENOUGH_ANSWERS || now.high() >= then.low()) {
            return Optional.empty();
        }
        Log.warnf(
                "People say that what is promoted is worse than what was before; going back. model=%s checkpointId=%s right=%d of=%d"
                        + " atMost=%.4f previous=%s right=%d of=%d atLeast=%.4f",
                model, promoted, now.right(), now.all(), now.high(), before, then.right(), then.all(), then.low());
        return Optional.of(rollback(model));
    }

    /**
     * What is promoted has to be the best again: what was evaluated since it was pinned takes its place, as it would have
     * had nothing been pinned.
     *
     * @return what is promoted then
     */
    public synchronized ModelPromoted unpin(String model) throws PromotionRefusedException {
        log.catchUp();
        ModelPromoted current = current(model);
        if (current.pinned()) {
            ModelPromoted free = again(current, false, current.promotedAt());
            ModelPromoted since = since(free);
            return since.equals(free) ? free : append(since);
        }
        return current;
    }

    /**
     * One after the other, in the order in which they were evaluated: the best on the test split may be one that its run's
     * validation split has passed over.
     */
    private ModelPromoted since(ModelPromoted free) {
        List<EvaluationCompleted> outstanding = leaderboard.bestFirst().stream()
                .filter(candidate -> candidate.model().equals(free.model())
                        && PromotionRule.outstanding(candidate, Optional.of(free)))
                .sorted(Comparator.comparing(EvaluationCompleted::evaluatedAt))
                .toList();
        ModelPromoted latest = free;
        for (EvaluationCompleted candidate : outstanding) {
            if (mayFollow(candidate, Optional.of(latest))) {
                latest = new ModelPromoted(
                                free.model(),
                                candidate.checkpoint(),
                                candidate,
                                free.checkpoint(),
                                Cause.BEST,
                                false,
                                now())
                        .beside(free.shadow());
            }
        }
        return latest;
    }

    /** Nothing is promoted under a name any more, and it is free for other classes and images. */
    public synchronized void delete(String model) throws PromotionRefusedException {
        log.catchUp();
        current(model);
        log.remove(model);
        Log.infof("Model deleted. model=%s", model);
    }

    private ModelPromoted current(String model) throws PromotionRefusedException {
        return promotions
                .current(model)
                .orElseThrow(() -> new PromotionRefusedException(
                        Reason.UNKNOWN, "nothing is promoted under the name \"" + model + "\""));
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

    private ModelPromoted append(EvaluationCompleted evaluation, Cause cause, boolean pinned) {
        String model = evaluation.model();
        Optional<ModelPromoted> current = promotions.current(model);
        CheckpointRef previous = current.map(ModelPromoted::checkpoint).orElse(null);
        return append(new ModelPromoted(model, evaluation.checkpoint(), evaluation, previous, cause, pinned, now())
                .beside(current.map(ModelPromoted::shadow).orElse(null)));
    }

    /** Later than every promotion before, also when the clock went back: whoever serves any name goes by it. */
    private Instant now() {
        Instant now = clock.instant();
        return promotions
                .latest()
                .filter(now::isBefore)
                .map(latest -> latest.plusMillis(1))
                .orElse(now);
    }

    /** The same decision, pinned or not. */
    private ModelPromoted again(ModelPromoted current, boolean pinned, Instant at) {
        return append(new ModelPromoted(
                        current.model(),
                        current.checkpoint(),
                        current.evaluation(),
                        current.previous(),
                        pinned ? Cause.MANUAL : current.cause(),
                        pinned,
                        at)
                .beside(current.shadow()));
    }

    private ModelPromoted append(ModelPromoted promotion) {
        log.append(promotion);
        Log.infof(
                "Promoted. model=%s checkpointId=%s accuracy=%.4f cause=%s pinned=%s previous=%s",
                promotion.model(),
                promotion.checkpoint().checkpointId(),
                promotion.evaluation().accuracy(),
                promotion.cause(),
                promotion.pinned(),
                promotion.previous() == null ? "none" : promotion.previous().checkpointId());
        return promotion;
    }
}
