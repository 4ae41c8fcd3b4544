// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.evaluator.insight.InsightUnavailableException;
import io.millrace.evaluator.insight.Unavailable;
import io.millrace.http.Problem;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;

class ProblemMapperTest {
    private static Response answer(InsightUnavailableException e) {
        return new ProblemMapper().untold(e);
    }

    @Test
    void onlyWhatPassesIsToBeAskedForAgain() {
        Response passing = answer(Unavailable.passing("it is being worked out"));
        Response unequipped = answer(Unavailable.unequipped("no fonts", "install some"));
        Response gone = answer(Unavailable.gone("the weights are gone"));

        assertThat(passing.getStatus()).isEqualTo(503);
        assertThat(passing.getHeaderString("Retry-After")).isEqualTo("5");
        assertThat(unequipped.getStatus()).isEqualTo(501);
        assertThat(unequipped.getHeaderString("Retry-After")).isNull();
        assertThat(unequipped.getEntity())
                .isEqualTo(Problem.of(501, "no fonts. install some").with("remedy", "install some"));
        assertThat(gone.getStatus()).isEqualTo(410);
        assertThat(gone.getEntity()).isEqualTo(Problem.of(410, "the weights are gone"));
    }
}
