// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.score.Misclassified;
import io.millrace.evaluator.score.MisclassifiedSamples;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code GET /evaluations/{id}} and what hangs on it. */
@Path("/evaluations/{checkpointId}")
@Produces(MediaType.APPLICATION_JSON)
public class EvaluationResource {
    private final Leaderboard leaderboard;
    private final MisclassifiedSamples misclassified;

    EvaluationResource(Leaderboard leaderboard, MisclassifiedSamples misclassified) {
        this.leaderboard = leaderboard;
        this.misclassified = misclassified;
    }

    @GET
    @Operation(summary = "The whole evaluation of a checkpoint, with its confusion matrix")
    public EvaluationCompleted evaluation(String checkpointId) {
        return leaderboard
                .find(checkpointId)
                .orElseThrow(() -> new NotFoundException("no checkpoint \"" + checkpointId + "\" has been evaluated"));
    }

    @GET
    @Path("/misclassified")
    @Operation(summary = "The samples of the test split that a checkpoint takes for something else")
    public List<Misclassified> misclassified(String checkpointId) {
        EvaluationCompleted evaluation = evaluation(checkpointId);
        return misclassified
                .find(checkpointId)
                .orElseThrow(() ->
                        new NotFoundException("the misclassified samples of \"" + checkpointId + "\", evaluated at "
                                + evaluation.evaluatedAt()
                                + ", are not kept any more: only those of the latest evaluations since the service"
                                + " started are"));
    }
}
