// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class WorkersCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void saysWhoHoldsWhatAndWhatWaits() throws Exception {
        assertThat(WorkersCommand.lines(JSON.readTree("""
                        {"workers": [
                          {"worker": "a:8082", "slots": 1, "runId": "mnist-quick", "replicas": [0], "step": 120, "steps": 468,
                           "imagesPerSecond": 811.6, "waitRatio": 0.0123},
                          {"worker": "b:8082", "slots": 2, "runId": "shared", "replicas": [1, 3], "leaves": "other"},
                          {"worker": "c:8082", "slots": 0, "refused": "it reports to the pool in format 2"}],
                         "waiting": [{"runId": "late", "reason": "the 2 that there are train mnist-quick, shared"}]}""")))
                .containsExactly(
                        "WORKER                   SLOTS  RUN                                                STEP   IMAGES/S  WAITING",
                        "a:8082                       1  mnist-quick                                     120/468        812    1.2 %",
                        "b:8082                       2  shared [1,3]                                          -          -        -",
                        "  leaves other at its next boundary",
                        "c:8082                       0  -                                                     -          -        -",
                        "  is refused: it reports to the pool in format 2",
                        "waits      late: the 2 that there are train mnist-quick, shared");
    }

    @Test
    void saysWhenThereAreNone() throws Exception {
        assertThat(WorkersCommand.lines(JSON.readTree("{\"workers\":[],\"waiting\":[]}")))
                .containsExactly("there are no workers yet: the trainers are coming together");
    }
}
