// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.feedback;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code GET /models/{name}/feedback}. */
@Path("/models/{name}/feedback")
@Produces(MediaType.APPLICATION_JSON)
public class ScoresResource {
    private final FeedbackLog log;

    ScoresResource(FeedbackLog log) {
        this.log = log;
    }

    /**
     * What people say of a version's answers.
     *
     * @param version id of its checkpoint
     * @param answers about which somebody said what is right
     * @param accuracy the part that was right, 0 to 1
     * @param low what it is at least, with a confidence of 95 %
     * @param high what it is at most
     */
    public record Score(String version, long answers, double accuracy, double low, double high) {}

    @GET
    @Operation(
            summary =
                    "How often each version of a model was right, as people say: 100 versions of all models at most, those first of which"
                            + " something was said last")
    public List<Score> scores(@PathParam("name") String name) {
        return log.ofModel(name).stream()
                .map(each -> new Score(
                        each.version(),
                        each.score().all(),
                        each.score().accuracy(),
                        each.score().low(),
                        each.score().high()))
                .toList();
    }
}
