// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.shadow;

import io.millrace.inference.problem.NoSuchModelException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** {@code GET /models/{name}/shadow}. */
@Path("/models/{name}/shadow")
@Produces(MediaType.APPLICATION_JSON)
public class ShadowResource {
    private final Shadow shadow;

    ShadowResource(Shadow shadow) {
        this.shadow = shadow;
    }

    @GET
    @Operation(
            summary =
                    "How often what is served and what is asked beside it say the same, as this replica found since either was loaded")
    @APIResponse(
            responseCode = "200",
            description = "What is known of the two",
            content = @Content(schema = @Schema(implementation = Shadow.Comparison.class)))
    @APIResponse(responseCode = "404", description = "Nothing is served under the name, or nothing is asked beside it")
    public Shadow.Comparison shadow(@PathParam("name") String name) {
        return shadow.comparison(name)
                .orElseThrow(() -> new NoSuchModelException("nothing is asked beside a served model \"" + shown(name)
                        + "\"; POST evaluator:/models/NAME/shadow {\"checkpointId\": …} sets a shadow"));
    }

    private static String shown(String name) {
        return name.length() > 200 ? name.substring(0, 200) + "…" : name;
    }
}
