// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code GET /api}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public class PeersResource {
    private final PageConfig config;

    PeersResource(PageConfig config) {
        this.config = config;
    }

    /**
     * What the page can ask.
     *
     * @param services those whose address is known here: {@code /api/<name>/…} is passed on to them
     * @param grafana address of Grafana; absent where none is set
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Peers(List<String> services, URI grafana) {}

    @GET
    @Operation(
            summary = "Which other services answer below this path, for the page",
            description =
                    "GET /api/dataset/runs asks the dataset-service for /runs, and so on: what the page needs and nothing"
                            + " else, with the caller's own token")
    public Peers peers() {
        return new Peers(
                Arrays.stream(Peer.values())
                        .filter(peer -> peer.address(config).isPresent())
                        .map(Peer::label)
                        .toList(),
                config.grafana().orElse(null));
    }
}
