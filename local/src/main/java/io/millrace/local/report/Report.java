// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.report;

import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.watch.ServedModel;
import io.millrace.local.watch.Standing;
import java.util.Locale;

/**
 * The result of a run, for programs.
 *
 * @param runId the run
 * @param dataset name of the data set that was used
 * @param network name of the network
 * @param stem its first layers
 * @param recipe name of the recipe
 * @param precision of the convolutions, as it was: never {@code auto}
 * @param seed of everything that is random
 * @param batchSize samples per step and shard
 * @param epochs passes over the training split
 * @param steps steps done
 * @param samples training samples
 * @param trainSeconds wall time from the first step to the last
 * @param imagesPerSecond samples over trainSeconds
 * @param waitRatio part of that time in which training waited for data, 0 to 1
 * @param checkpoints number of checkpoints announced
 * @param startSeconds from the start of {@code up} to the first training step seen
 * @param best the best checkpoint of the run
 * @param served what is served at the end
 */
public record Report(
        String runId,
        String dataset,
        String network,
        String stem,
        String recipe,
        String precision,
        long seed,
        int batchSize,
        int epochs,
        long steps,
        long samples,
        double trainSeconds,
        double imagesPerSecond,
        double waitRatio,
        int checkpoints,
        double startSeconds,
        Best best,
        ServedModel served) {

    /**
     * A scored checkpoint.
     *
     * @param checkpointId which
     * @param accuracy on the test split, 0 to 1
     * @param loss mean cross entropy on the test split
     */
    public record Best(String checkpointId, double accuracy, double loss) {}

    /** Puts together what the services said. */
    public static Report of(RunSpec run, RunStatus status, Standing best, ServedModel served, double startSeconds) {
        return new Report(
                run.runId(),
                run.dataset().name(),
                run.network().name(),
                lower(run.network().stem()),
                run.recipe().name(),
                lower(status.precision() == null ? Precision.AUTO : status.precision()),
                run.seed(),
                run.recipe().batchSize(),
                status.epochs(),
                status.step(),
                status.samples(),
                status.trainSeconds(),
                status.imagesPerSecond(),
                status.waitRatio(),
                status.checkpoints(),
                startSeconds,
                new Best(best.checkpointId(), best.accuracy(), best.loss()),
                served);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
