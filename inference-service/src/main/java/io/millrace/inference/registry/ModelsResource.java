// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.InputConvention;
import io.millrace.inference.LiveScores;
import io.millrace.kafka.feedback.LiveScore;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code GET /models}. */
@Path("/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {
    private final ModelRegistry registry;
    private final LiveScores scores;

    ModelsResource(ModelRegistry registry, LiveScores scores) {
        this.registry = registry;
        this.scores = scores;
    }

    /**
     * A served model.
     *
     * @param name under which it was promoted
     * @param version id of its checkpoint
     * @param runId the run that trained it
     * @param accuracy on the test split, 0 to 1; null where it is not known
     * @param loadedAt when it began to serve
     * @param classes labels
     * @param inputShape {@code [C,H,W]}
     * @param inputConvention what its pictures have in common: {@code ink} or {@code photo}
     * @param feedback what people say of its answers; left out where nobody said anything
     */
    public record Model(
            String name,
            String version,
            String runId,
            Double accuracy,
            Instant loadedAt,
            List<String> classes,
            List<Integer> inputShape,
            InputConvention inputConvention,
            @JsonInclude(JsonInclude.Include.NON_NULL) Feedback feedback) {}

    /**
     * What people say of answers.
     *
     * @param answers about which somebody said what is right
     * @param accuracy the part that was right, 0 to 1
     * @param low what it is at least, with a confidence of 95 %
     * @param high what it is at most
     */
    public record Feedback(long answers, double accuracy, double low, double high) {
        static Feedback of(LiveScore score) {
            return score.all() == 0 ? null : new Feedback(score.all(), score.accuracy(), score.low(), score.high());
        }
    }

    @GET
    @Operation(summary = "What is served; an empty list before the first model")
    public List<Model> models() {
        return registry
                .card()
                .map(card -> new Model(
                        card.name(),
                        card.version(),
                        card.runId(),
                        Double.isNaN(card.accuracy()) ? null : card.accuracy(),
                        card.loadedAt(),
                        card.classes(),
                        List.of(
                                card.input().shape().channels(),
                                card.input().shape().height(),
                                card.input().shape().width()),
                        card.input().convention(),
                        Feedback.of(scores.of(card.version()))))
                .stream()
                .toList();
    }
}
