// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.delta.Chunks;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.delta.MalformedDeltaException;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Sync.Encoding;
import io.millrace.model.StateVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a partition of a log of deltas is averaged, and what is refused. */
class AssemblyTest {
    private static final int PARAMETERS = 600_000;
    private static final RoundPlan PLAN = new RoundPlan(2, 0, 100);

    private final List<Long> done = new ArrayList<>();
    private final Assembly assembly = new Assembly(new DeltaCheck("run-1", PLAN), step -> !done.contains(step));

    private static Delta delta(String run, long from, long to, int replica, int parameters) {
        return new Delta(
                run,
                from,
                to,
                replica,
                "ab",
                0,
                0,
                8,
                2,
                List.of(new Delta.Batch(new OffsetRange(0, 1), 4), new Delta.Batch(new OffsetRange(1, 2), 4)),
                new float[parameters],
                List.of(),
                new float[1],
                new double[0]);
    }

    /** As they lie in partition 1 from an offset on. */
    private static List<ConsumerRecord<String, byte[]>> records(Delta delta, long offset) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        for (ProducerRecord<String, byte[]> sent : DeltaRecords.of(delta, Encoding.FP32)) {
            records.add(new ConsumerRecord<>(
                    sent.topic(),
                    1,
                    offset + records.size(),
                    0L,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    sent.key(),
                    sent.value(),
                    sent.headers(),
                    Optional.empty()));
        }
        return records;
    }

    private Optional<Assembly.Whole> take(List<ConsumerRecord<String, byte[]>> records) throws MalformedDeltaException {
        Optional<Assembly.Whole> last = Optional.empty();
        for (ConsumerRecord<String, byte[]> record : records) {
            assertThat(last).isEmpty();
            last = assembly.take(record);
        }
        return last;
    }

    @Test
    void chunksMakeADeltaAndOneThatWasNotEndedIsForgotten() throws Exception {
        List<ConsumerRecord<String, byte[]>> records = records(delta("run-1", 0, 2, 1, PARAMETERS), 7);
        assertThat(records).hasSize(3);
        take(records.subList(0, 2));

        Assembly.Whole whole =
                take(records(delta("run-1", 0, 2, 1, PARAMETERS), 20)).orElseThrow();

        assertThat(whole.delta().parameters()).hasSize(PARAMETERS);
        assertThat(whole.record().offset()).isEqualTo(20);
        assertThat(whole.next()).isEqualTo(23);
    }

    @Test
    void whatIsNotWantedCostsNothing() throws Exception {
        done.add(2L);
        List<ConsumerRecord<String, byte[]>> records = records(delta("run-1", 0, 2, 1, PARAMETERS), 0);

        assertThat(take(records.subList(1, 3))).as("read from its middle on").isEmpty();
        assertThat(take(records(delta("run-1", 2, 4, 1, 1), 3))).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run-2 | 0 | 2 | 1 | it is of the run run-2, this log is that of run-1",
                "run-1 | 0 | 2 | 0 | it is of replica 0, in partition 1",
                "run-1 | 1 | 3 | 1 | the run has no round from step 1 to 3; the one from 1 goes to 2",
                "run-1 | 0 | 4 | 1 | the run has no round from step 0 to 4; the one from 0 goes to 2"
            })
    void whatIsOfAnotherRunOrRoundIsRefused(String run, long from, long to, int replica, String reason) {
        List<ConsumerRecord<String, byte[]>> records = records(delta(run, from, to, replica, 1), 5);

        assertRefused(records, reason);
        assertThat(assembly.takeRefused()).isEqualTo(records);
        assertThat(assembly.takeRefused()).isEmpty();
    }

    @Test
    void whatHasAnotherDigestOrAnotherNameThanItSaysIsRefused() {
        List<ConsumerRecord<String, byte[]>> changed = records(delta("run-1", 0, 2, 1, PARAMETERS), 0);
        changed.get(2).value()[9]++;
        assertRefused(changed, "its header millrace_digest is ");
        assertThat(assembly.takeRefused()).isEqualTo(changed);

        List<ConsumerRecord<String, byte[]>> bare = records(delta("run-1", 0, 2, 1, 1), 0);
        bare.get(0).headers().remove(Chunks.DIGEST);
        assertRefused(bare, "its header millrace_digest is missing");
        assembly.takeRefused();

        List<ConsumerRecord<String, byte[]>> renamed = records(delta("run-1", 0, 2, 1, 1), 0);
        renamed.get(0).headers().remove(CloudEvent.ID).add(CloudEvent.ID, "run-1/round/4/1/0of1".getBytes());
        assertRefused(renamed, "it is named run-1/round/4/1/0of1, and holds the steps to 2");
        assembly.takeRefused();

        List<ConsumerRecord<String, byte[]>> nameless = records(delta("run-1", 0, 2, 1, 1), 0);
        nameless.get(0).headers().remove(CloudEvent.ID);
        assertRefused(nameless, "its header ce_id names no delta");
    }

    @Test
    void chunksInAnotherOrderAreRefused() {
        List<ConsumerRecord<String, byte[]>> records = records(delta("run-1", 0, 2, 1, PARAMETERS), 0);

        assertRefused(
                List.of(records.get(0), records.get(2)),
                "it is run-1/round/2/1/2of3, and chunk 1 of run-1/round/2/1/0of3 should come");
    }

    private void assertRefused(List<ConsumerRecord<String, byte[]>> records, String reason) {
        assertThatThrownBy(() -> take(records))
                .isInstanceOf(MalformedDeltaException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatHasAnotherNumberOfElementsThanTheNetworkIsRefused() {
        StateVector vector = new StateVector(new float[3], List.of(new float[3]), new float[1], new double[0], 0);
        DeltaCheck check = new DeltaCheck("run-1", PLAN);

        assertThatThrownBy(() -> check.requireFit(delta("run-1", 0, 2, 1, 2), vector))
                .hasMessage("it has 2 parameters, the run's have 3");
        assertThatThrownBy(() -> check.requireFit(delta("run-1", 0, 2, 1, 3), vector))
                .hasMessage("it has 0 lists of optimizer buffers, the run's have 1");
    }
}
