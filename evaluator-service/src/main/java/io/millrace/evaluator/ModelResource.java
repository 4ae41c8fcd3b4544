// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.promote.PromotionRefusedException;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.http.JsonFault;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;

/** {@code /models}: what is promoted, and the ways to change it by hand. */
@Path("/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelResource {
    private final Promotions promotions;
    private final Promoter promoter;
    private final EvaluatorReadiness readiness;

    ModelResource(Promotions promotions, Promoter promoter, @Readiness EvaluatorReadiness readiness) {
        this.promotions = promotions;
        this.promoter = promoter;
        this.readiness = readiness;
    }

    /**
     * What a model's name stands for.
     *
     * @param model the name
     * @param checkpointId what is promoted
     * @param runId its run
     * @param accuracy its accuracy on the test split, 0 to 1
     * @param loss its mean cross entropy in nats
     * @param previous the checkpoint that a rollback goes back to; null when there is none
     * @param cause why it was promoted
     * @param pinned whether it stays, whatever is better
     * @param promotedAt when
     * @param shadow the checkpoint that is asked beside it; null when there is none
     */
    public record Model(
            String model,
            String checkpointId,
            String runId,
            double accuracy,
            double loss,
            String previous,
            ModelPromoted.Cause cause,
            boolean pinned,
            Instant promotedAt,
            String shadow) {
        static Model of(ModelPromoted promotion) {
            return new Model(
                    promotion.model(),
                    promotion.checkpoint().checkpointId(),
                    promotion.checkpoint().runId(),
                    promotion.evaluation().accuracy(),
                    promotion.evaluation().loss(),
                    id(promotion.previous()),
                    promotion.cause(),
                    promotion.pinned(),
                    promotion.promotedAt(),
                    id(promotion.shadow()));
        }

        private static String id(CheckpointRef checkpoint) {
            return Optional.ofNullable(checkpoint)
                    .map(CheckpointRef::checkpointId)
                    .orElse(null);
        }
    }

    /**
     * What to promote, or to ask beside what is: the body of {@code POST /models/{name}/promote} and {@code …/shadow}.
     *
     * @param checkpointId an evaluated checkpoint
     */
    @Schema(requiredProperties = "checkpointId")
    public record Promotion(
            @Schema(examples = "mnist-1-step-469") String checkpointId) {
        private static final String ONE = "{\"checkpointId\": \"…\"}";

        public Promotion {
            if (checkpointId == null || checkpointId.isBlank()) {
                throw new RefusedFieldException("checkpointId", checkpointId, "the id of an evaluated checkpoint");
            }
        }

        /**
         * Read strictly: what is not understood might be what was meant.
         *
         * @throws RefusedFieldException naming the first member that will not do
         */
        static Promotion read(String body) {
            try {
                if (StrictJson.tree(body) instanceof ObjectNode object) {
                    return StrictJson.read(object, Promotion.class, "");
                }
                throw new BadRequestException("the body should be " + ONE);
            } catch (JsonProcessingException e) {
                throw new BadRequestException(JsonFault.of(e) + "; it should be " + ONE, e);
            }
        }
    }

    @GET
    @Operation(summary = "What is promoted, by model")
    public List<Model> models() {
        return promotions.all().stream().map(Model::of).toList();
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "What is promoted under a name")
    public Model model(String name) {
        return promotions
                .current(name)
                .map(Model::of)
                .orElseThrow(() -> new NotFoundException("nothing is promoted under the name \"" + name + "\""));
    }

    @POST
    @Path("/{name}/promote")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Promotes an evaluated checkpoint, and pins it")
    @RequestBody(content = @Content(schema = @Schema(implementation = Promotion.class)), required = true)
    public Model promote(String name, InputStream body) throws PromotionRefusedException, IOException {
        Promotion promotion = Promotion.read(new String(body.readAllBytes(), UTF_8));
        requireReady();
        return Model.of(promoter.promote(name, promotion.checkpointId()));
    }

    @POST
    @Path("/{name}/rollback")
    @Operation(summary = "Promotes what was promoted before, and pins it")
    public Model rollback(String name) throws PromotionRefusedException {
        requireReady();
        return Model.of(promoter.rollback(name));
    }

    @POST
    @Path("/{name}/unpin")
    @Operation(summary = "What is better may take its place again; what has come since does at once")
    public Model unpin(String name) throws PromotionRefusedException {
        requireReady();
        return Model.of(promoter.unpin(name));
    }

    @POST
    @Path("/{name}/shadow")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary =
                    "Has an evaluated checkpoint asked beside what is promoted, in place of any other; inference-service counts where the"
                            + " two differ, and answers nobody with it")
    @RequestBody(content = @Content(schema = @Schema(implementation = Promotion.class)), required = true)
    public Model shadow(String name, InputStream body) throws PromotionRefusedException, IOException {
        Promotion shadow = Promotion.read(new String(body.readAllBytes(), UTF_8));
        requireReady();
        return Model.of(promoter.shadow(name, shadow.checkpointId()));
    }

    @DELETE
    @Path("/{name}/shadow")
    @Operation(summary = "Has nothing asked beside what is promoted any more")
    public Model unshadow(String name) throws PromotionRefusedException {
        requireReady();
        return Model.of(promoter.unshadow(name));
    }

    @DELETE
    @Path("/{name}")
    @Operation(
            summary =
                    "Forgets what is promoted under a name; what is being served stays so until inference-service ends")
    public void delete(String name) throws PromotionRefusedException {
        requireReady();
        promoter.delete(name);
    }

    private void requireReady() {
        readiness.whyNot().ifPresent(why -> {
            throw ProblemMapper.unavailable(why);
        });
    }
}
