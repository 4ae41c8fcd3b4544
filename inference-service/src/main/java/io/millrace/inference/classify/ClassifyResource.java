// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.InferenceConfig;
import io.millrace.inference.image.ImageDecoder;
import io.millrace.inference.image.ImageException;
import io.millrace.inference.image.ImageException.Reason;
import io.millrace.inference.image.JsonPixels;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/** The three ways to send images. Decoding blocks, so it stays off the event loop. */
@Path("/classify")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class ClassifyResource {
    private static final String TOP = "3";

    private final Classification classification;
    private final ImageDecoder decoder;
    private final int maxPixels;

    ClassifyResource(Classification classification, ImageDecoder decoder, InferenceConfig configuration) {
        this.classification = classification;
        this.decoder = decoder;
        this.maxPixels = configuration.maxPixels();
    }

    @POST
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = "Classify the image in the body: PNG, JPEG, GIF or BMP, whatever its Content-Type says")
    public CompletionStage<Prediction> image(@QueryParam("top") @DefaultValue(TOP) String top, byte[] body)
            throws ImageException {
        return single(input -> decoder.decode(body, input::fit), top);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Classify {\"pixels\": …}: rows of grey, [C][H][W] or [H][W][C], numbers from 0 to 255")
    public CompletionStage<Prediction> pixels(@QueryParam("top") @DefaultValue(TOP) String top, byte[] body)
            throws ImageException {
        if (body.length == 0) {
            throw new ImageException(Reason.MALFORMED, "the body is empty; {\"pixels\": [[…], …]} is expected");
        }
        return single(input -> input.fit(JsonPixels.parse(body, maxPixels)), top);
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(summary = "Classify files, whatever their field's name; several are answered as {\"results\": […]}")
    public CompletionStage<?> files(@QueryParam("top") @DefaultValue(TOP) String top, MultipartFormDataInput form)
            throws ImageException {
        List<ImageSource> files = UploadedFiles.of(form, decoder);
        if (files.size() == 1) {
            return single(files.get(0), top);
        }
        return classification.classify(files, atLeastOne(top)).thenApply(Predictions::new);
    }

    private CompletionStage<Prediction> single(ImageSource image, String top) throws ImageException {
        return classification.classify(List.of(image), atLeastOne(top)).thenApply(predictions -> predictions.get(0));
    }

    /** More than there are classes is all of them. */
    private static int atLeastOne(String top) throws ImageException {
        try {
            int value = Integer.parseInt(top);
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new ImageException(Reason.MALFORMED, "top has to be a whole number, not \"" + top + "\"", e);
        }
        throw new ImageException(Reason.MALFORMED, "top has to be 1 or more, not " + top);
    }
}
