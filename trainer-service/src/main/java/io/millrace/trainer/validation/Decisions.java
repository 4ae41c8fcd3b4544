// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.validation;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipe.EarlyStopping;
import io.millrace.contracts.event.Recipe.EarlyStopping.Metric;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Schedule;
import io.millrace.contracts.event.Validated;
import io.millrace.model.schedule.PlateauState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What follows from the figures of an epoch and from all before it, and from nothing else: the same figures, the same
 * decisions. Early stopping is <a href="https://keras.io/api/callbacks/early_stopping/">Keras'</a>, with
 * {@code restore_best_weights}; a plateau's rates are torch's, see {@link PlateauState}.
 */
final class Decisions {
    private Decisions() {}

    /**
     * Decides at the end of an epoch. The last epoch of what was asked for at a time is not stopped early, since there is
     * nothing left to save: so it does not matter whether more was asked for before or after it.
     *
     * @param before of the same run, by epoch
     * @param epoch that ended, from 1
     * @param step steps done
     * @param loss on the validation split
     * @param accuracy on the validation split
     */
    static Validated at(RunSpec run, List<Validated> before, int epoch, long step, double loss, double accuracy) {
        Recipe recipe = run.recipe();
        Double rate = recipe.schedule() instanceof Schedule.Plateau plateau ? rate(plateau, before, loss) : null;
        if (recipe.earlyStopping() == null) {
            return new Validated(epoch, step, loss, accuracy, null, rate, null);
        }
        EarlyStopping rule = recipe.earlyStopping();
        Optional<Validated> best = best(before);
        boolean better = best.isEmpty() || isBetter(rule, value(rule, loss, accuracy), value(rule, best.get()));
        boolean over = !better && epoch - best.get().epoch() >= rule.patience() && !run.endsSpan(epoch);
        return new Validated(epoch, step, loss, accuracy, better, rate, over ? reason(rule, best.get(), epoch) : null);
    }

    /** The one whose weights are kept; empty where none are. */
    static Optional<Validated> best(List<Validated> all) {
        return all.stream().filter(Validated::kept).reduce((earlier, later) -> later);
    }

    private static double rate(Schedule.Plateau plateau, List<Validated> before, double loss) {
        PlateauState state = PlateauState.first(plateau);
        for (Validated epoch : before) {
            state = state.after(epoch.loss(), plateau);
        }
        return state.after(loss, plateau).learningRate();
    }

    private static boolean isBetter(EarlyStopping rule, double value, double best) {
        return rule.metric() == Metric.LOSS ? value < best - rule.minDelta() : value > best + rule.minDelta();
    }

    private static double value(EarlyStopping rule, Validated epoch) {
        return value(rule, epoch.loss(), epoch.accuracy());
    }

    private static double value(EarlyStopping rule, double loss, double accuracy) {
        return rule.metric() == Metric.LOSS ? loss : accuracy;
    }

    private static String reason(EarlyStopping rule, Validated best, int epoch) {
        return String.format(
                Locale.ROOT,
                "stopped early at epoch %d: validation %s was best at epoch %d (%.4f), and not better since by more than %s;"
                        + " these weights are the result",
                epoch,
                rule.metric().name().toLowerCase(Locale.ROOT),
                best.epoch(),
                value(rule, best),
                rule.minDelta());
    }
}
