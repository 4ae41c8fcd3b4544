// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import static io.millrace.trainer.Fixtures.BATCH;
import static io.millrace.trainer.Fixtures.NORMALIZATION;
import static io.millrace.trainer.Fixtures.SIZE;
import static io.millrace.trainer.Fixtures.batch;
import static io.millrace.trainer.Fixtures.id;
import static io.millrace.trainer.Fixtures.parts;
import static io.millrace.trainer.Fixtures.record;
import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.consume.Shard.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ShardTest {
    private static final RunSpec RUN = run("run-a", 2, 3, 1);
    private static final RunSpec MIXED =
            Fixtures.withOptions(RUN, "{\"classWeights\": \"balanced\", \"augmentation\": {\"mixUp\": {}}}");
    private static final byte[] GARBAGE = "not safetensors".getBytes(StandardCharsets.UTF_8);
    private static final int IMAGES = BATCH * SIZE * SIZE;

    private final Shard shard =
            new Shard(RUN, new TopicPartition(Topic.batches(RUN.incarnation()).name(), 0), 0, Shard.BEGIN);

    private Verdict take(long step, long offset) {
        return shard.take(record(RUN, step, 0, offset));
    }

    private Verdict take(BatchId id, byte[] value, long offset) {
        return shard.take(record(RUN, RUN.incarnation(), Optional.of(id.toString()), value, 0, offset));
    }

    private String objectionTo(BatchId id, byte[] value) {
        assertThat(take(id, value, 10)).isEqualTo(Verdict.BAD);
        return shard.objection();
    }

    @Test
    void takesBatchesInOrderAcrossEpochsUntilTheRunIsComplete() {
        for (int step = 0; step < 6; step++) {
            assertThat(shard.complete()).isFalse();
            assertThat(take(step, 10 + step)).isEqualTo(Verdict.TAKEN);
            ShardBatch batch = shard.remove();
            assertThat(batch.id()).isEqualTo(id(RUN, step, 0));
            assertThat(batch.images()).isPresent();
            assertThat(batch.records()).isEqualTo(new OffsetRange(10 + step, 11 + step));
        }
        assertThat(shard.complete()).isTrue();
        assertThat(shard.position()).isEqualTo(16);
    }

    @Test
    void skipsWithoutDecodingWhatItHasSeen() {
        take(0, 10);

        assertThat(take(id(RUN, 0, 0), GARBAGE, 11)).isEqualTo(Verdict.SEEN);
        assertThat(take(1, 12)).isEqualTo(Verdict.TAKEN);
    }

    @Test
    void seesThatSomethingIsMissing() {
        take(0, 10);

        assertThat(take(4, 11)).isEqualTo(Verdict.AHEAD);
        assertThat(shard.next()).isEqualTo(1);
        shard.gap.confirm();
        assertThat(shard.gap.certainty())
                .contains("it goes on with " + RUN.incarnation() + "/train/1/1/0 at offset 11");

        assertThat(take(1, 12)).as("published again").isEqualTo(Verdict.TAKEN);
        assertThat(shard.gap.certainty()).isEmpty();
    }

    @Test
    void goesOnWithoutARecordThatCannotBeRead() {
        assertThat(objectionTo(id(RUN, 0, 0), GARBAGE)).isNotBlank();

        assertThat(shard.remove()).isEqualTo(new ShardBatch(id(RUN, 0, 0), Optional.empty(), new OffsetRange(10, 11)));
        assertThat(take(1, 11)).isEqualTo(Verdict.TAKEN);
    }

    @Test
    void doesNotTakeAnUnreadableRecordFromFurtherAheadForAGap() {
        objectionTo(id(RUN, 4, 0), GARBAGE);

        assertThat(shard.waiting()).isZero();
        assertThat(take(0, 11)).isEqualTo(Verdict.TAKEN);
    }

    @Test
    void putsPartsTogetherWhateverTheirOrder() {
        List<ImageBatch> parts = parts(RUN, id(RUN, 0, 0), 1, 2, 1);
        for (int part : new int[] {2, 0, 1}) {
            assertThat(shard.waiting()).isZero();
            assertThat(shard.take(record(RUN, parts.get(part), 10 + part))).isEqualTo(Verdict.TAKEN);
        }

        ImageBatch whole = shard.remove().images().orElseThrow();
        assertThat(whole.id()).isEqualTo(id(RUN, 0, 0));
        assertThat(whole.images()).isEqualTo(batch(RUN, id(RUN, 0, 0)).images());
        assertThat(whole.labels()).isEqualTo(batch(RUN, id(RUN, 0, 0)).labels());
        assertThat(shard.bytes()).isZero();
    }

    @Test
    void putsSoftLabelsAndWeightsOfPartsTogether() {
        Shard shard = new Shard(
                MIXED, new TopicPartition(Topic.batches(MIXED.incarnation()).name(), 0), 0, Shard.BEGIN);
        ImageBatch whole = mixed(MIXED);

        assertThat(shard.take(record(MIXED, named(whole.images(1, 3), whole.id().part(1, 2)), 10)))
                .isEqualTo(Verdict.TAKEN);
        assertThat(shard.take(record(MIXED, named(whole.images(0, 1), whole.id().part(0, 2)), 11)))
                .isEqualTo(Verdict.TAKEN);

        ImageBatch joined = shard.remove().images().orElseThrow();
        assertThat(joined.softLabels()).isEqualTo(whole.softLabels());
        assertThat(joined.weights()).isEqualTo(whole.weights());
    }

    @Test
    void refusesABatchThatLacksWhatTheRecipeAsksForOrHasWhatItDoesNot() {
        Shard shard = new Shard(
                MIXED, new TopicPartition(Topic.batches(MIXED.incarnation()).name(), 0), 0, Shard.BEGIN);

        assertThat(shard.take(record(MIXED, 0, 0, 10))).isEqualTo(Verdict.BAD);
        assertThat(shard.objection()).isEqualTo("it has soft labels of 0 classes, the run's recipe asks for 4");
        assertThat(objectionTo(id(RUN, 0, 0), BatchCodec.encode(mixed(RUN))))
                .isEqualTo("it has soft labels of 4 classes, the run's recipe asks for 0");
    }

    /** The first batch of a run, of images that show two classes, and count differently. */
    private static ImageBatch mixed(RunSpec run) {
        ImageBatch batch = batch(run, id(run, 0, 0));
        return with(
                batch,
                batch.id(),
                new float[] {0.25f, 0.75f, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0.5f, 0.5f},
                new float[] {1, 2, 3, 4});
    }

    private static ImageBatch named(ImageBatch part, BatchId id) {
        return with(part, id, part.softLabels(), part.weights());
    }

    private static ImageBatch with(ImageBatch part, BatchId id, float[] softLabels, float[] weights) {
        return new ImageBatch(
                id,
                part.batchesPerEpoch(),
                part.encoding(),
                part.normalization(),
                part.size(),
                part.channels(),
                part.height(),
                part.width(),
                part.images(),
                part.labels(),
                part.samplesDigest(),
                softLabels,
                weights);
    }

    @Test
    void skipsAPartThatComesTwice() {
        List<ImageBatch> parts = parts(RUN, id(RUN, 0, 0), 2, 2);

        assertThat(shard.take(record(RUN, parts.get(0), 10))).isEqualTo(Verdict.TAKEN);
        assertThat(shard.take(record(RUN, parts.get(0), 11))).isEqualTo(Verdict.SEEN);
        assertThat(shard.take(record(RUN, parts.get(1), 12))).isEqualTo(Verdict.TAKEN);
        assertThat(shard.remove().records()).isEqualTo(new OffsetRange(10, 13));
    }

    @Test
    void losesABatchOfWhichAPartIsMissing() {
        shard.take(record(RUN, parts(RUN, id(RUN, 0, 0), 2, 2).get(1), 10));

        assertThat(take(1, 11)).isEqualTo(Verdict.TAKEN);
        assertThat(shard.remove()).isEqualTo(new ShardBatch(id(RUN, 0, 0), Optional.empty(), new OffsetRange(10, 11)));
        assertThat(shard.remove().images()).isPresent();
        assertThat(shard.bytes()).isZero();
    }

    @Test
    void losesABatchOfWhichAPartCannotBeRead() {
        List<ImageBatch> parts = parts(RUN, id(RUN, 0, 0), 2, 2);
        shard.take(record(RUN, parts.get(0), 10));

        assertThat(take(parts.get(1).id(), GARBAGE, 11)).isEqualTo(Verdict.BAD);
        assertThat(shard.remove().images()).isEmpty();
        assertThat(shard.take(record(RUN, parts.get(1), 12))).as("too late").isEqualTo(Verdict.SEEN);
    }

    @Test
    void refusesPartsThatDisagree() {
        shard.take(record(RUN, parts(RUN, id(RUN, 0, 0), 1, 3).get(0), 10));

        assertThat(shard.take(record(RUN, parts(RUN, id(RUN, 0, 0), 1, 1, 2).get(1), 11)))
                .isEqualTo(Verdict.BAD);
        assertThat(shard.objection()).isEqualTo("it is one of 3 parts of its batch, those before it are of 2");

        assertThat(shard.take(record(RUN, parts(RUN, id(RUN, 0, 0), 1, 1).get(1), 12)))
                .isEqualTo(Verdict.BAD);
        assertThat(shard.objection()).isEqualTo("its parts have 2 images together, a batch has 4");
        assertThat(shard.remove().images()).isEmpty();
    }

    @Test
    void refusesMorePartsThanABatchHasImages() {
        BatchId part = id(RUN, 0, 0).part(0, 999_999_999);

        assertThat(objectionTo(part, GARBAGE)).isEqualTo("it is one of 999999999 parts, a batch has 4 images");
    }

    @Test
    void losesABatchWhoseRecordTheBrokerCannotHandOver() {
        take(0, 10);
        shard.remove();
        shard.passOver(11);

        assertThat(take(2, 12)).isEqualTo(Verdict.TAKEN);
        assertThat(shard.remove()).isEqualTo(new ShardBatch(id(RUN, 1, 0), Optional.empty(), new OffsetRange(12, 12)));
        assertThat(shard.remove().id()).isEqualTo(id(RUN, 2, 0));
        assertThat(take(4, 13)).as("nothing explains this one").isEqualTo(Verdict.AHEAD);
    }

    @Test
    void refusesARecordWithoutAnId() {
        for (Optional<String> id : List.of(Optional.<String>empty(), Optional.of("nonsense"))) {
            assertThat(shard.take(record(RUN, RUN.incarnation(), id, GARBAGE, 0, 10)))
                    .isEqualTo(Verdict.BAD);
            assertThat(shard.objection())
                    .isEqualTo("its header ce_id names no batch: "
                            + id.map(text -> '"' + text + '"').orElse("it is missing"));
        }
    }

    @Test
    void refusesAPlaceThatTheRunDoesNotHave() {
        BatchId beyond = new BatchId(RUN.incarnation(), Split.TRAIN, 2, 0, 0);
        BatchId otherShard = new BatchId(RUN.incarnation(), Split.TRAIN, 0, 0, 1);
        BatchId test = new BatchId(RUN.incarnation(), Split.TEST, 0, 0, 0);
        BatchId otherRun = new BatchId("run-b-1", Split.TRAIN, 0, 0, 0);

        for (BatchId id : List.of(beyond, otherShard, test, otherRun)) {
            assertThat(objectionTo(id, BatchCodec.encode(batch(RUN, id))))
                    .isEqualTo("the run has no batch " + id + " in partition 0");
        }
    }

    @Test
    void refusesAnotherShapeNamingBoth() {
        BatchId id = id(RUN, 0, 0);
        ImageBatch tall = new ImageBatch(
                id,
                3,
                Encoding.UINT8,
                NORMALIZATION,
                BATCH,
                1,
                SIZE,
                SIZE + 1,
                ByteBuffer.allocate(BATCH * SIZE * (SIZE + 1)),
                new int[BATCH],
                "cd".repeat(32));

        assertThat(objectionTo(id, BatchCodec.encode(tall)))
                .isEqualTo("images should be of shape [4, 1, 8, 8], they are [4, 1, 8, 9]");
    }

    @Test
    void refusesAnotherEncoding() {
        BatchId id = id(RUN, 0, 0);
        ImageBatch floats = batch(RUN, id, Encoding.FLOAT32, ByteBuffer.allocate(IMAGES * 4), new int[BATCH]);

        assertThat(objectionTo(id, BatchCodec.encode(floats)))
                .isEqualTo("its images are encoded as FLOAT32, the run's as UINT8");
    }

    @Test
    void refusesALabelOutOfRange() {
        BatchId id = id(RUN, 0, 0);
        ImageBatch batch = batch(RUN, id, Encoding.UINT8, ByteBuffer.allocate(IMAGES), new int[] {0, 1, 4, 2});

        assertThat(objectionTo(id, BatchCodec.encode(batch)))
                .isEqualTo("label 4 of image 2 is out of range; there are 4 classes");
    }

    @Test
    void refusesAnUnknownVersion() {
        BatchId id = id(RUN, 0, 0);
        String text = new String(BatchCodec.encode(batch(RUN, id)), StandardCharsets.ISO_8859_1);
        byte[] value = text.replace("\"format_version\":\"1\"", "\"format_version\":\"9\"")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThat(objectionTo(id, value)).isEqualTo("unknown format_version 9; this reader knows 1");
    }

    @Test
    void refusesABodyThatIsNotWhatItsHeadersSay() {
        byte[] another = BatchCodec.encode(batch(RUN, id(RUN, 1, 0)));

        assertThat(objectionTo(id(RUN, 0, 0), another))
                .isEqualTo("its metadata say it is " + id(RUN, 1, 0) + ", its headers " + id(RUN, 0, 0));
    }

    @Test
    void refusesARecordWhoseKeyIsAnotherRun() {
        byte[] value = BatchCodec.encode(batch(RUN, id(RUN, 0, 0)));

        assertThat(shard.take(record(RUN, "run-b", Optional.of(id(RUN, 0, 0).toString()), value, 0, 10)))
                .isEqualTo(Verdict.BAD);
        assertThat(shard.objection()).isEqualTo("its key says it is of run run-b, its headers of " + RUN.incarnation());
    }

    @Test
    void refusesARecordWithoutAValue() {
        assertThat(objectionTo(id(RUN, 0, 0), null)).isEqualTo("the record has no value");
    }
}
