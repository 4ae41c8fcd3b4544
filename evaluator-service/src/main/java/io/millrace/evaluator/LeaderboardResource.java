// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.Validated;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Objection;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.evaluator.retention.KnownRuns;
import io.millrace.evaluator.retention.Retention;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestQuery;

/** {@code GET /leaderboard}. */
@Path("/leaderboard")
@Produces(MediaType.APPLICATION_JSON)
public class LeaderboardResource {
    private final Leaderboard leaderboard;
    private final Promotions promotions;
    private final Promoter promoter;
    private final Retention retention;
    private final KnownRuns runs;

    LeaderboardResource(
            Leaderboard leaderboard, Promotions promotions, Promoter promoter, Retention retention, KnownRuns runs) {
        this.leaderboard = leaderboard;
        this.promotions = promotions;
        this.promoter = promoter;
        this.retention = retention;
        this.runs = runs;
    }

    /**
     * A line of the leaderboard.
     *
     * @param checkpointId what was scored
     * @param runId its run
     * @param step steps done
     * @param epoch epochs begun
     * @param averaged whether its parameters are averages over the steps
     * @param accuracy on the test split, 0 to 1
     * @param loss mean cross entropy in nats
     * @param calibrationError expected calibration error on the test split over 15 bins of confidence, 0 to 1, as the network
     *     answers
     * @param calibratedError the same with the temperature; null where it is not calibrated
     * @param temperature what its logits are divided by where it is served; null where it is not calibrated
     * @param uncalibrated why it is not calibrated; null where it is, and in lines from before it was there
     * @param result whether it is the result of its run: its last checkpoint, or what early stopping kept; what was one before
     *     more epochs were asked for is none
     * @param kept whether its weights stay in the store: others are deleted, or are about to be, and nothing can start from
     *     them
     * @param validation what the validation split said of these weights; absent where it was not asked
     * @param promoted whether it is what its model's name stands for now
     * @param model the name under which it would be served
     * @param datasetDigest names the data set
     * @param testDigest names the test split; figures of different ones cannot be compared; null in lines from before it was
     *     there
     * @param pinned whether it is promoted and stays so, whatever is better
     * @param objection why it is not promoted; null when it is, or is about to be
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Line(
            String checkpointId,
            String runId,
            long step,
            int epoch,
            boolean averaged,
            double accuracy,
            double loss,
            double calibrationError,
            Double calibratedError,
            Double temperature,
            String uncalibrated,
            boolean result,
            boolean kept,
            Validated validation,
            boolean promoted,
            String model,
            String datasetDigest,
            String testDigest,
            boolean pinned,
            String objection) {}

    @GET
    @Operation(summary = "All evaluated checkpoints, best first; of one model, if asked for")
    public List<Line> leaderboard(@RestQuery String model) {
        Set<CheckpointRef> superfluous = retention.superfluous();
        return leaderboard.bestFirst().stream()
                .filter(evaluation -> model == null || evaluation.model().equals(model))
                .map(evaluation -> line(evaluation, !superfluous.contains(evaluation.checkpoint())))
                .toList();
    }

    private Line line(EvaluationCompleted evaluation, boolean kept) {
        boolean promoted = promotions.isPromoted(evaluation.checkpoint());
        Optional<Calibration> calibration = Optional.ofNullable(evaluation.calibration());
        return new Line(
                evaluation.checkpoint().checkpointId(),
                evaluation.checkpoint().runId(),
                evaluation.step(),
                evaluation.epoch(),
                evaluation.checkpoint().averaged(),
                evaluation.accuracy(),
                evaluation.loss(),
                evaluation.calibrationError(),
                calibration.map(Calibration::calibrationError).orElse(null),
                calibration.map(Calibration::temperature).orElse(null),
                evaluation.uncalibrated(),
                runs.isResult(evaluation),
                kept,
                evaluation.validation(),
                promoted,
                evaluation.model(),
                evaluation.datasetDigest(),
                evaluation.testDigest(),
                promoted && promotions.isPinned(evaluation.model()),
                promoted
                        ? null
                        : promoter.objection(evaluation).map(Objection::reason).orElse(null));
    }
}
