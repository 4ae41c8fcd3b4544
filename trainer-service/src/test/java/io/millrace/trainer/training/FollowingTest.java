// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Validated;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FollowingTest {
    private static RunStatus status(State state, Validated validation) {
        return new RunStatus(
                "run",
                state,
                null,
                20,
                100,
                2,
                10,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                null,
                validation,
                null,
                null,
                null,
                null,
                Instant.EPOCH);
    }

    private static Validated validated(long step, String stop) {
        return new Validated(2, step, 1, 0.5, null, null, stop);
    }

    @Test
    void whetherTheLeaderGoesOnIsKnownWhenItHasValidatedToo() {
        assertThat(Following.goesOn(status(State.RUNNING, validated(20, null)), 20))
                .isTrue();
        assertThat(Following.goesOn(status(State.RUNNING, validated(20, "no better")), 20))
                .isFalse();
        assertThat(Following.goesOn(status(State.RUNNING, validated(10, null)), 20))
                .as("not there yet")
                .isFalse();
        assertThat(Following.goesOn(status(State.RUNNING, null), 20)).isFalse();
        assertThat(Following.goesOn(status(State.STOPPED, validated(20, null)), 20))
                .isFalse();
    }
}
