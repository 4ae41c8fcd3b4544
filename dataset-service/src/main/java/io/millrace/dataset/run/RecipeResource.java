// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The recipes that a run can name, or begin from. */
@Path("/recipes")
@Produces(MediaType.APPLICATION_JSON)
public class RecipeResource {
    @GET
    @Operation(summary = "The recipes that are known by name, the default first, whole")
    public List<Recipe> list() {
        return Recipes.NAMES.stream().map(Recipes::named).toList();
    }
}
