// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.feedback;

import io.millrace.contracts.event.Feedback;
import io.millrace.contracts.event.Nearest;
import io.millrace.http.auth.Role;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.ticket.Ticket;
import io.quarkus.security.identity.SecurityIdentity;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** {@code POST /feedback}. */
@Path("/feedback")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class FeedbackResource {
    private static final int NOT_IMPLEMENTED = 501;
    private static final int MOST_NAMED = 20;
    /** Longer than any class is called: to look for the nearest takes as long as both names. */
    private static final int LONGEST_LABEL = 200;

    private final AnswerIds ids;
    private final ModelRegistry registry;
    private final FeedbackLog log;
    private final SecurityIdentity identity;

    FeedbackResource(AnswerIds ids, ModelRegistry registry, FeedbackLog log, SecurityIdentity identity) {
        this.ids = ids;
        this.registry = registry;
        this.log = log;
        this.identity = identity;
    }

    /**
     * What somebody says.
     *
     * @param requestId of an answer
     * @param label what is right
     */
    @Schema(example = "{\"requestId\": \"…\", \"label\": \"7\"}")
    public record Said(String requestId, String label) {}

    /**
     * What was kept.
     *
     * @param requestId of the answer
     * @param model that answered
     * @param version id of its checkpoint
     * @param predicted what was answered
     * @param label what is right
     */
    public record Kept(String requestId, String model, String version, String predicted, String label) {}

    @POST
    @Operation(
            summary =
                    "Say what an image shows that was answered, right or wrong; what was said last of an answer holds. Any replica takes"
                            + " it, and all count it")
    @RequestBody(content = @Content(schema = @Schema(implementation = Said.class)))
    @APIResponse(
            responseCode = "200",
            description = "It is kept, by Kafka",
            content = @Content(schema = @Schema(implementation = Kept.class)))
    @APIResponse(responseCode = "501", description = "The model is from a file, and there is no Kafka")
    @APIResponse(responseCode = "504", description = "Kafka did not answer within the deadline; say it again")
    public CompletionStage<Kept> feedback(Said said, @Context RoutingContext routing) {
        if (!log.active()) {
            throw new WebApplicationException(
                    "the model is served from a file, without Kafka, so there is nowhere to keep what you say",
                    NOT_IMPLEMENTED);
        }
        if (said == null || said.requestId() == null || said.label() == null) {
            throw new BadRequestException(
                    "{\"requestId\": …, \"label\": …} is expected: the requestId of an answer, and the class that is right");
        }
        AnswerId answer = ids.read(said.requestId())
                .orElseThrow(() -> new BadRequestException(
                        "requestId is of no answer that was given here; it stands in each answer of"
                                + " POST /classify, and holds as long as the service's tokens stay the same"));
        requireClass(answer, said.label());
        Ticket ticket = Ticket.of(routing);
        ticket.waitsFor(Ticket.Stage.KEEPING);
        Feedback feedback = new Feedback(
                said.requestId(),
                answer.model(),
                answer.version(),
                answer.predicted(),
                said.label(),
                answer.at(),
                Instant.now(),
                mayOperate());
        return ticket.answer(log.write(feedback, ticket::isOver).thenApply(kept -> kept(feedback)));
    }

    /** Without tokens everybody may; with them nobody comes here without one. */
    private boolean mayOperate() {
        return identity.isAnonymous() || identity.hasRole(Role.OPERATE.label());
    }

    private static Kept kept(Feedback feedback) {
        return new Kept(
                feedback.requestId(), feedback.model(), feedback.version(), feedback.predicted(), feedback.label());
    }

    /** A name is bound to its classes, so those of any version will do. */
    private void requireClass(AnswerId answer, String label) {
        if (label.length() > LONGEST_LABEL) {
            throw new BadRequestException("label has " + label.length() + " characters, at most " + LONGEST_LABEL
                    + " are taken; give the name of one of the model's classes");
        }
        List<String> classes = registry.cards().stream()
                .filter(card -> card.name().equals(answer.model()))
                .findFirst()
                .map(ModelCard::classes)
                .orElse(List.of());
        if (label.isBlank() || !classes.isEmpty() && !classes.contains(label)) {
            throw new BadRequestException("label \"" + label + "\" is none of the model's classes"
                    + (classes.isEmpty()
                            ? ""
                            : "; the nearest is \"" + Nearest.of(classes, label) + "\", and there are "
                                    + (classes.size() > MOST_NAMED
                                            ? classes.size() + ", such as " + classes.subList(0, MOST_NAMED)
                                            : classes)));
        }
    }
}
