// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.dataset.source.DatasetCatalog.Availability;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Which data sets a run can be started on. */
@Path("/datasets")
@Produces(MediaType.APPLICATION_JSON)
public class DatasetResource {
    private final DatasetCatalog catalog;

    DatasetResource(DatasetCatalog catalog) {
        this.catalog = catalog;
    }

    /** All data sets; the first call starts to fetch what has to be downloaded, so ask again while one is preparing. */
    @GET
    public List<Availability> list() {
        return catalog.list();
    }
}
