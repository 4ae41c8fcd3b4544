// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import static io.millrace.trainer.Fixtures.BATCH;
import static io.millrace.trainer.Fixtures.SIZE;
import static io.millrace.trainer.Fixtures.batch;
import static io.millrace.trainer.Fixtures.id;
import static io.millrace.trainer.Fixtures.record;
import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.consume.OtherRuns.Standing;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class ShardReaderTest {
    private static final RunSpec RUN = run("run-a", 2, 3, 1);
    private static final byte[] GARBAGE = "not safetensors".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private final ShardReader reader = new ShardReader(RUN, 0, 0, runId -> switch (runId) {
        case "run-old" -> Standing.PAST;
        case "run-later" -> Standing.LATER;
        default -> Standing.UNKNOWN;
    });

    @Test
    void takesBatchesInOrderAcrossEpochsUntilTheRunIsComplete() {
        for (int step = 0; step < 6; step++) {
            assertThat(reader.complete()).isFalse();
            Reading reading = reader.read(record(RUN, step, 0, 10 + step));
            assertThat(reading).isInstanceOfSatisfying(Reading.Next.class, next -> {
                assertThat(next.batch().images()).isPresent();
            });
        }
        assertThat(reader.complete()).isTrue();
    }

    @Test
    void skipsABatchThatItHasSeen() {
        reader.read(record(RUN, 0, 0, 10));

        assertThat(reader.read(record(RUN, 0, 0, 11))).isInstanceOf(Reading.Duplicate.class);
        assertThat(reader.read(record(RUN, 1, 0, 12))).isInstanceOf(Reading.Next.class);
    }

    @Test
    void skipsADuplicateWithoutDecodingIt() {
        reader.read(record(RUN, 0, 0, 10));

        Reading reading =
                reader.read(record(RUN.runId(), Optional.of(id(RUN, 0, 0).toString()), GARBAGE, 0, 11));

        assertThat(reading).isInstanceOf(Reading.Duplicate.class);
    }

    @Test
    void breaksAtAGapAndNamesOffsetExpectedAndFound() {
        reader.read(record(RUN, 0, 0, 10));

        assertThat(reader.read(record(RUN, 4, 0, 11)))
                .isEqualTo(new Reading.Broken(
                        "gap in partition 0 at offset 11: expected batch run-a/train/0/1/0, found run-a/train/1/1/0"));
    }

    @Test
    void goesOnWithoutTheContentOfARecordThatCannotBeRead() {
        Reading reading =
                reader.read(record(RUN.runId(), Optional.of(id(RUN, 0, 0).toString()), GARBAGE, 0, 10));

        assertThat(reading).isInstanceOfSatisfying(Reading.BadNext.class, bad -> {
            assertThat(bad.batch()).isEqualTo(new ShardBatch(id(RUN, 0, 0), Optional.empty(), 10));
            assertThat(bad.reason()).isNotBlank();
        });
        assertThat(reader.read(record(RUN, 1, 0, 11))).isInstanceOf(Reading.Next.class);
    }

    @Test
    void doesNotTakeAnUnreadableRecordFromFurtherAheadForAGap() {
        Reading reading =
                reader.read(record(RUN.runId(), Optional.of(id(RUN, 4, 0).toString()), GARBAGE, 0, 10));

        assertThat(reading).isInstanceOf(Reading.Bad.class);
        assertThat(reader.read(record(RUN, 0, 0, 11))).isInstanceOf(Reading.Next.class);
    }

    @Test
    void refusesARecordWithoutAnId() {
        assertThat(reader.read(record(RUN.runId(), Optional.empty(), GARBAGE, 0, 10)))
                .isEqualTo(new Reading.Bad("its header ce_id names no batch: it is missing"));
        assertThat(reader.read(record(RUN.runId(), Optional.of("nonsense"), GARBAGE, 0, 10)))
                .isEqualTo(new Reading.Bad("its header ce_id names no batch: \"nonsense\""));
    }

    @Test
    void refusesAPlaceThatTheRunDoesNotHave() {
        BatchId beyond = new BatchId("run-a", Split.TRAIN, 2, 0, 0);
        BatchId otherShard = new BatchId("run-a", Split.TRAIN, 0, 0, 1);
        BatchId test = new BatchId("run-a", Split.TEST, 0, 0, 0);

        for (BatchId id : new BatchId[] {beyond, otherShard, test}) {
            assertThat(reader.read(recordOf(id, BatchCodec.encode(batch(RUN, id)))))
                    .isEqualTo(new Reading.Bad("the run has no batch " + id + " in partition 0"));
        }
    }

    @Test
    void tellsTheRecordsOfOtherRunsApart() {
        assertThat(reader.read(record(run("run-old", 1, 3, 1), 0, 0, 10))).isInstanceOf(Reading.PastRun.class);
        assertThat(reader.read(record(run("run-x", 1, 3, 1), 0, 0, 11)))
                .isEqualTo(new Reading.Bad("unknown run run-x"));
        assertThat(reader.read(record(run("run-later", 1, 3, 1), 0, 0, 12)))
                .isEqualTo(new Reading.Broken("gap in partition 0 at offset 12: expected batch run-a/train/0/0/0,"
                        + " found run-later/train/0/0/0 of a later run"));
    }

    @Test
    void refusesAnotherShapeNamingBoth() {
        BatchId id = id(RUN, 0, 0);
        ImageBatch batch = new ImageBatch(
                id,
                3,
                Encoding.UINT8,
                io.millrace.trainer.Fixtures.NORMALIZATION,
                BATCH,
                1,
                SIZE,
                SIZE + 1,
                ByteBuffer.allocate(BATCH * SIZE * (SIZE + 1)),
                new int[BATCH],
                "cd".repeat(32));

        assertThat(reasonFor(id, BatchCodec.encode(batch)))
                .isEqualTo("images should be of shape [4, 1, 8, 8], they are [4, 1, 8, 9]");
    }

    @Test
    void refusesALabelOutOfRange() {
        BatchId id = id(RUN, 0, 0);
        ImageBatch batch =
                batch(RUN, id, Encoding.UINT8, ByteBuffer.allocate(BATCH * SIZE * SIZE), new int[] {0, 1, 4, 2});

        assertThat(reasonFor(id, BatchCodec.encode(batch)))
                .isEqualTo("label 4 of image 2 is out of range; there are 4 classes");
    }

    @Test
    void refusesAnUnknownVersion() {
        BatchId id = id(RUN, 0, 0);
        String text = new String(BatchCodec.encode(batch(RUN, id)), java.nio.charset.StandardCharsets.ISO_8859_1);
        byte[] value = text.replace("\"format_version\":\"1\"", "\"format_version\":\"9\"")
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

        assertThat(reasonFor(id, value)).isEqualTo("unknown format_version 9; this reader knows 1");
    }

    @Test
    void refusesABodyThatIsNotWhatItsHeadersSay() {
        byte[] another = BatchCodec.encode(batch(RUN, id(RUN, 1, 0)));

        assertThat(reasonFor(id(RUN, 0, 0), another))
                .isEqualTo("its metadata say it is run-a/train/0/1/0, its headers run-a/train/0/0/0");
    }

    @Test
    void refusesARecordWhoseKeyIsAnotherRun() {
        Reading reading = reader.read(record(
                "run-b", Optional.of(id(RUN, 0, 0).toString()), BatchCodec.encode(batch(RUN, id(RUN, 0, 0))), 0, 10));

        assertThat(reading).isInstanceOfSatisfying(Reading.BadNext.class, bad -> assertThat(bad.reason())
                .isEqualTo("its key says it is of run run-b, its headers of run-a"));
    }

    @Test
    void refusesARecordWithoutAValue() {
        assertThat(reasonFor(id(RUN, 0, 0), null)).isEqualTo("the record has no value");
    }

    private String reasonFor(BatchId id, byte[] value) {
        Reading reading = reader.read(recordOf(id, value));
        assertThat(reading).isInstanceOf(Reading.BadNext.class);
        return ((Reading.BadNext) reading).reason();
    }

    private static ConsumerRecord<String, byte[]> recordOf(BatchId id, byte[] value) {
        return record(id.owner(), Optional.of(id.toString()), value, 0, 10);
    }
}
