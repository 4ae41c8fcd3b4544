// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.local.insight.CurvePlot.Curve;
import io.millrace.local.insight.CurvePlot.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The curves of a run as they are drawn: loss, accuracy, learning rate. */
final class Curves {
    private static final double PERCENT = 100;
    /** Of an exponential mean over the points: half of it is of the latest 7. */
    private static final double DECAY = 0.9;

    private static final int FEW = 30;

    private final RunRecord record;

    Curves(RunRecord record) {
        this.record = record;
    }

    /** Cross entropy: of the training, of the validation split, of the test split. */
    List<Curve> loss() {
        return of(MetricPoint::loss, MetricPoint::validationLoss, EvaluationCompleted::loss, 1);
    }

    /** Accuracy in per cent, as well. */
    List<Curve> accuracy() {
        return of(MetricPoint::accuracy, MetricPoint::validationAccuracy, EvaluationCompleted::accuracy, PERCENT);
    }

    /** Of each step. */
    List<Curve> learningRate() {
        List<double[]> points = points(MetricPoint::learningRate, 1);
        return points.isEmpty() ? List.of() : List.of(new Curve("learning rate", 0, Style.LINE, points));
    }

    private List<Curve> of(
            Function<MetricPoint, Double> training,
            Function<MetricPoint, Double> validation,
            ToDoubleFunction<EvaluationCompleted> test,
            double factor) {
        List<Curve> curves = new ArrayList<>();
        List<double[]> trained = points(training, factor);
        if (trained.size() > FEW) {
            curves.add(new Curve(null, 0, Style.FAINT, trained));
            curves.add(new Curve("training, smoothed", 0, Style.LINE, smoothed(trained)));
        } else {
            add(curves, new Curve("training", 0, Style.LINE, trained));
        }
        add(curves, new Curve("validation split", 1, Style.DOTS, points(validation, factor)));
        add(curves, new Curve("test split", 2, Style.DOTS, evaluations(false, test, factor)));
        add(curves, new Curve("test split, averaged weights", 3, Style.DOTS, evaluations(true, test, factor)));
        return curves;
    }

    private static void add(List<Curve> curves, Curve curve) {
        if (!curve.points().isEmpty()) {
            curves.add(curve);
        }
    }

    private List<double[]> points(Function<MetricPoint, Double> figure, double factor) {
        return record.points().stream()
                .filter(point -> figure.apply(point) != null && Double.isFinite(figure.apply(point)))
                .map(point -> new double[] {point.step(), factor * figure.apply(point)})
                .toList();
    }

    private List<double[]> evaluations(boolean averaged, ToDoubleFunction<EvaluationCompleted> figure, double factor) {
        return record.evaluations(averaged).stream()
                .map(each -> new double[] {each.step(), factor * figure.applyAsDouble(each)})
                .toList();
    }

    /** As TensorBoard smooths: an exponential mean, in which the first points weigh no more than they should. */
    private static List<double[]> smoothed(List<double[]> points) {
        List<double[]> smoothed = new ArrayList<>();
        double mean = 0;
        double weight = 0;
        for (double[] point : points) {
            mean = DECAY * mean + (1 - DECAY) * point[1];
            weight = DECAY * weight + 1 - DECAY;
            smoothed.add(new double[] {point[0], mean / weight});
        }
        return smoothed;
    }
}
