// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.watch.ServedVersion;
import io.millrace.local.watch.Standing;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * The result of a run, for programs.
 *
 * @param runId the run
 * @param dataset name of the data set that was used
 * @param network name of the network
 * @param stem its first layers
 * @param recipe name of the recipe
 * @param compute what decided the bits of the weights: precision, layout, threads, device, versions
 * @param seed of everything that is random
 * @param batchSize samples per step and shard
 * @param epochs passes over the training split
 * @param steps steps done
 * @param samples training samples
 * @param trainSeconds wall time from the first step to the last
 * @param imagesPerSecond samples over trainSeconds
 * @param waitRatio part of that time in which training waited for data, 0 to 1
 * @param checkpoints number of checkpoints announced, each with its average where there is one
 * @param reason why it ended before its last step; null when it did not
 * @param startSeconds from the start of {@code up} to the first training step seen
 * @param best the best checkpoint of the run on the test split; where early stopping kept weights, those
 * @param served what is served at the end
 * @param curves what was measured on the way, by step
 */
public record Report(
        String runId,
        String dataset,
        String network,
        String stem,
        String recipe,
        Compute compute,
        long seed,
        int batchSize,
        int epochs,
        long steps,
        long samples,
        double trainSeconds,
        double imagesPerSecond,
        double waitRatio,
        int checkpoints,
        String reason,
        double startSeconds,
        Best best,
        ServedVersion served,
        List<Point> curves) {

    /**
     * A scored checkpoint.
     *
     * @param checkpointId which
     * @param averaged whether it is the average beside a checkpoint
     * @param accuracy on the test split, 0 to 1
     * @param loss mean cross entropy on the test split
     */
    public record Best(String checkpointId, boolean averaged, double accuracy, double loss) {}

    /**
     * A point of every curve.
     *
     * @param step steps done
     * @param loss training loss since the point before; null when nothing was trained
     * @param accuracy of the training since then, 0 to 1; null when nothing was trained
     * @param learningRate of the step
     * @param imagesPerSecond since the trainer's process began to train
     * @param validationLoss on the validation split with the weights after this step; absent but at the ends of epochs
     * @param validationAccuracy as well, 0 to 1
     */
    public record Point(
            long step,
            Double loss,
            Double accuracy,
            double learningRate,
            double imagesPerSecond,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double validationLoss,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double validationAccuracy) {
        static Point of(MetricPoint point) {
            return new Point(
                    point.step(),
                    point.loss(),
                    point.accuracy(),
                    point.learningRate(),
                    point.imagesPerSecond(),
                    point.validationLoss(),
                    point.validationAccuracy());
        }
    }

    /** Puts together what the services said, and what was measured. */
    public static Report of(
            RunSpec run,
            RunStatus status,
            Standing best,
            ServedVersion served,
            double startSeconds,
            Collection<MetricPoint> measured) {
        return new Report(
                run.runId(),
                run.dataset().name(),
                run.network().name(),
                lower(run.network().stem()),
                run.recipe().name(),
                status.compute(),
                run.seed(),
                run.recipe().batchSize(),
                status.epochs(),
                status.step(),
                status.samples(),
                status.trainSeconds(),
                status.imagesPerSecond(),
                status.waitRatio(),
                status.checkpoints(),
                status.reason(),
                startSeconds,
                new Best(best.checkpointId(), best.averaged(), best.accuracy(), best.loss()),
                served,
                measured.stream().map(Point::of).toList());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
