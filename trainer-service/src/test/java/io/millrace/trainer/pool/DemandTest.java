// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.Fixtures.withOptions;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Workers;
import org.junit.jupiter.api.Test;

class DemandTest {
    @Test
    void aRunInRoundsAsksForAHolderOfEachReplicaAndEveryOtherForOneWorker() {
        RunSpec rounds = withOptions(run("rounds", 1, 16, 3), "{\"sync\": {}}");

        assertThat(Demand.of(rounds).replicas()).isEqualTo(3);
        assertThat(Demand.of(rounds).mostWorkers()).isEqualTo(3);
        assertThat(Demand.of(rounds.withShare(null, new Workers(2))).mostWorkers())
                .isEqualTo(2);
        assertThat(Demand.of(run("steps", 1, 16, 3)).replicas()).isEqualTo(1);
        assertThat(Demand.of(withOptions(run("one", 1, 16, 1), "{\"sync\": {}}"))
                        .replicas())
                .isEqualTo(1);
    }
}
