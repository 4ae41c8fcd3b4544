// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.ServiceUnavailableException;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void furtherMembersStandBesideThoseOfTheStandardAndThoseWithoutAValueAreLeftOut() throws Exception {
        Problem problem = Problem.of(422, "epochs is 0")
                .with("field", "epochs")
                .with("value", null)
                .with("remedy", "from 1");

        assertThat(new ObjectMapper().writeValueAsString(problem)).isEqualTo("""
                {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"epochs is 0",\
                "field":"epochs","remedy":"from 1"}""");
    }

    @Test
    void headersOfAnExceptionAreKeptAndItsBodyIsNot() {
        Response notAllowed =
                Problem.response(new NotAllowedException("GET", new String[] {"PUT"}), "this path knows other methods");
        Response later = Problem.response(new ServiceUnavailableException("starting", 5L), "starting");

        assertThat(notAllowed.getAllowedMethods()).containsExactlyInAnyOrder("GET", "PUT");
        assertThat(notAllowed.getMediaType()).hasToString("application/problem+json");
        assertThat(notAllowed.getEntity()).isEqualTo(Problem.of(405, "this path knows other methods"));
        assertThat(later.getHeaderString("Retry-After")).isEqualTo("5");
    }
}
