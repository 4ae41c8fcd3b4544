// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.Plans;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.Decoders;
import io.millrace.dataset.source.ValidationSplit;
import io.millrace.http.Problem;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Shows what a run would be trained on, as a picture. */
@Path("/preview")
public class PreviewResource {
    private static final int IMAGES = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int UNPROCESSABLE = 422;
    private static final String PNG = "image/png";

    private final Plans plans;
    private final Decoders decoders;
    /** A batch whose images are mixed may be an eighth of the heap. */
    private final Turn turn = new Turn();

    PreviewResource(Plans plans, Decoders decoders) {
        this.plans = plans;
        this.decoders = decoders;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(PNG)
    @Operation(
            summary = "The first 64 images of an epoch, augmented as the run would be trained on them, as one PNG",
            description =
                    "The body is that of POST /runs; nothing is started. ?epoch=N shows another epoch than the first, 0."
                            + " The same order always gives the same picture. One is made at a time; 503 while one is")
    public Response show(InputStream body, @QueryParam("epoch") @DefaultValue("0") String epoch)
            throws IOException, InterruptedException {
        String order = new String(body.readAllBytes(), UTF_8);
        return turn.take("a preview", () -> shown(order, epoch));
    }

    private Response shown(String order, String epoch) throws InterruptedException {
        Plans.Plan plan = plans.of(order, PATIENCE);
        int shown = epoch(epoch, plan.run().epochs());
        try {
            byte[] png = ContactSheet.of(images(plan, shown), plan.data().info().shape())
                    .png();
            return Response.ok(png, PNG).build();
        } catch (BlockedException e) {
            return Problem.of(UNPROCESSABLE, e.getMessage()).response().build();
        }
    }

    private static int epoch(String text, int epochs) {
        if (text.matches("\\d{1,9}") && Integer.parseInt(text) < epochs) {
            return Integer.parseInt(text);
        }
        throw new RefusedFieldException("epoch", text, "a whole number from 0 to " + (epochs - 1));
    }

    private List<byte[]> images(Plans.Plan plan, int epoch) {
        RunSpec run = plan.run();
        DataSource data = plan.data();
        double share = run.recipe().validation();
        BatchMaker maker = share == 0
                ? new BatchMaker(data, decoders, Encoding.UINT8)
                : new BatchMaker(data, decoders, Encoding.UINT8, ValidationSplit.of(data, share, run.seed()));
        List<byte[]> images = new ArrayList<>();
        int batches = run.batchesPerEpoch() * run.shards();
        for (int place = 0; place < batches && images.size() < IMAGES; place++) {
            ImageBatch batch = maker.head(run, epoch, place, IMAGES - images.size());
            for (int k = 0; k < batch.size() && images.size() < IMAGES; k++) {
                images.add(image(batch, k));
            }
        }
        return images;
    }

    private static byte[] image(ImageBatch batch, int k) {
        byte[] image = new byte[batch.channels() * batch.height() * batch.width()];
        batch.images().get(k * image.length, image);
        return image;
    }
}
