// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Optimizer;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Schedule;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.event.StrictJson;
import io.millrace.kafka.CloudEventHeaders;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;

/** Small runs and their batches: 8×8 images of four classes, four to a batch. */
public final class Fixtures {
    public static final int SIZE = 8;
    public static final int BATCH = 4;
    public static final List<String> CLASSES = List.of("a", "b", "c", "d");
    public static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.5), List.of(0.25));

    private Fixtures() {}

    /** A run; what a test changes about it, it changes with the methods below. */
    public static RunSpec run(String runId, int epochs, int batchesPerEpoch, int shards) {
        Recipe recipe = new Recipe(
                "test",
                "for tests",
                epochs,
                BATCH,
                new Optimizer.Sgd(0.9, true, 5e-4),
                new Schedule.Triangle(0.05, 0.25),
                0.1,
                Augmentation.NONE,
                Precision.FP32,
                false,
                0);
        return new RunSpec(
                runId,
                Instant.now(),
                "test",
                dataset(),
                new Network("resnet18", Network.Stem.IMAGENET, 1, CLASSES.size()),
                recipe,
                shards,
                7,
                batchesPerEpoch,
                Encoding.UINT8,
                0);
    }

    private static Dataset dataset() {
        return new Dataset("test", "ab".repeat(32), 4000, 400, 1, SIZE, SIZE, CLASSES, NORMALIZATION);
    }

    public static RunSpec withStart(RunSpec run, Start start) {
        return new RunSpec(
                run.runId(),
                run.createdAt(),
                run.model(),
                run.dataset(),
                run.network(),
                run.recipe(),
                run.shards(),
                run.seed(),
                run.batchesPerEpoch(),
                run.encoding(),
                run.priority(),
                start);
    }

    public static RunSpec withRecipe(RunSpec run, Recipe recipe) {
        return with(run, run.createdAt(), run.network(), recipe, run.encoding(), run.priority());
    }

    /** A run that sets samples apart. */
    public static RunSpec withValidation(RunSpec run, Dataset.Validation validation) {
        return new RunSpec(
                run.runId(),
                run.createdAt(),
                run.model(),
                run.dataset().with(validation),
                run.network(),
                run.recipe(),
                run.shards(),
                run.seed(),
                run.batchesPerEpoch(),
                run.encoding(),
                run.priority());
    }

    /** With what differs in its recipe, as people write it. */
    public static RunSpec withOptions(RunSpec run, String options) {
        try {
            ObjectNode sparse = (ObjectNode) StrictJson.tree(options);
            Recipe old = run.recipe();
            sparse.put("epochs", old.epochs())
                    .put("batchSize", old.batchSize())
                    .put("precision", "fp32")
                    .put("channelsLast", false);
            return withRecipe(run, Recipes.of(sparse));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public static RunSpec withNetwork(RunSpec run, Network network) {
        return with(run, run.createdAt(), network, run.recipe(), run.encoding(), run.priority());
    }

    public static RunSpec withCreatedAt(RunSpec run, Instant createdAt) {
        return with(run, createdAt, run.network(), run.recipe(), run.encoding(), run.priority());
    }

    public static RunSpec withEncoding(RunSpec run, Encoding encoding) {
        return with(run, run.createdAt(), run.network(), run.recipe(), encoding, run.priority());
    }

    public static RunSpec withPriority(RunSpec run, int priority) {
        return with(run, run.createdAt(), run.network(), run.recipe(), run.encoding(), priority);
    }

    private static RunSpec with(
            RunSpec run, Instant createdAt, Network network, Recipe recipe, Encoding encoding, int priority) {
        return new RunSpec(
                run.runId(),
                createdAt,
                run.model(),
                run.dataset(),
                network,
                recipe,
                run.shards(),
                run.seed(),
                run.batchesPerEpoch(),
                encoding,
                priority,
                run.start());
    }

    public static RunSpec withLearningRate(RunSpec run, double learningRate) {
        Recipe old = run.recipe();
        Schedule schedule = new Schedule.Constant(learningRate, 0);
        return with(run, schedule, old.batchSize(), old.precision(), old.checkpointEverySteps());
    }

    public static RunSpec withCheckpointEvery(RunSpec run, int steps) {
        Recipe old = run.recipe();
        return with(run, old.schedule(), old.batchSize(), old.precision(), steps);
    }

    public static RunSpec withBatchSize(RunSpec run, int batchSize) {
        Recipe old = run.recipe();
        return with(run, old.schedule(), batchSize, old.precision(), old.checkpointEverySteps());
    }

    public static RunSpec withPrecision(RunSpec run, Precision precision) {
        Recipe old = run.recipe();
        return with(run, old.schedule(), old.batchSize(), precision, old.checkpointEverySteps());
    }

    private static RunSpec with(
            RunSpec run, Schedule schedule, int batchSize, Precision precision, int checkpointEverySteps) {
        Recipe old = run.recipe();
        return withRecipe(
                run,
                new Recipe(
                        old.name(),
                        old.description(),
                        old.epochs(),
                        batchSize,
                        old.accumulate(),
                        old.optimizer(),
                        old.clipNorm(),
                        old.groups(),
                        old.averaging(),
                        schedule,
                        old.labelSmoothing(),
                        old.augmentation(),
                        old.sampling(),
                        old.classWeights(),
                        old.validation(),
                        old.earlyStopping(),
                        old.freeze(),
                        precision,
                        old.channelsLast(),
                        checkpointEverySteps,
                        old.sync(),
                        old.scaleLearningRate()));
    }

    /** The id of a run's batch. */
    public static BatchId id(RunSpec run, long step, int shard) {
        return new BatchId(
                run.incarnation(),
                Split.TRAIN,
                (int) (step / run.batchesPerEpoch()),
                (int) (step % run.batchesPerEpoch()),
                shard);
    }

    /** The batch of a place: noise, the same for the same place whatever the run is called. */
    public static ImageBatch batch(RunSpec run, BatchId id) {
        Random random = new Random(id.step(run.batchesPerEpoch()) * 31 + id.shard());
        byte[] pixels = new byte[BATCH * SIZE * SIZE];
        random.nextBytes(pixels);
        int[] labels = random.ints(BATCH, 0, CLASSES.size()).toArray();
        return batch(run, id, Encoding.UINT8, ByteBuffer.wrap(pixels), labels);
    }

    public static ImageBatch batch(RunSpec run, BatchId id, Encoding encoding, ByteBuffer images, int[] labels) {
        return new ImageBatch(
                id,
                run.batchesPerEpoch(),
                encoding,
                NORMALIZATION,
                BATCH,
                1,
                SIZE,
                SIZE,
                images,
                labels,
                "cd".repeat(32));
    }

    /** A batch in parts of so many images each. */
    public static List<ImageBatch> parts(RunSpec run, BatchId id, int... sizes) {
        ImageBatch whole = batch(run, id);
        List<ImageBatch> parts = new ArrayList<>();
        int from = 0;
        for (int size : sizes) {
            parts.add(new ImageBatch(
                    id.part(parts.size(), sizes.length),
                    whole.batchesPerEpoch(),
                    whole.encoding(),
                    whole.normalization(),
                    size,
                    1,
                    SIZE,
                    SIZE,
                    whole.images().slice(from * SIZE * SIZE, size * SIZE * SIZE),
                    Arrays.copyOfRange(whole.labels(), from, from + size),
                    whole.samplesDigest()));
            from += size;
        }
        return parts;
    }

    /** The record that carries a batch, as a consumer sees it. */
    public static ConsumerRecord<String, byte[]> record(RunSpec run, long step, int shard, long offset) {
        return record(run, batch(run, id(run, step, shard)), offset);
    }

    public static ConsumerRecord<String, byte[]> record(RunSpec run, ImageBatch batch, long offset) {
        Optional<String> id = Optional.of(batch.id().toString());
        return record(
                run, run.incarnation(), id, BatchCodec.encode(batch), batch.id().shard(), offset);
    }

    public static ConsumerRecord<String, byte[]> record(
            RunSpec run, String key, Optional<String> id, byte[] value, int partition, long offset) {
        Headers headers =
                CloudEventHeaders.of(CloudEvent.of(Topic.batches(run.incarnation()), id.orElse("-"), "/test"));
        if (id.isEmpty()) {
            headers.remove(CloudEvent.ID);
        }
        return new ConsumerRecord<>(
                Topic.batches(run.incarnation()).name(),
                partition,
                offset,
                0L,
                TimestampType.CREATE_TIME,
                0,
                value == null ? 0 : value.length,
                key,
                value,
                headers,
                Optional.empty());
    }

    /** The settings of a trainer in this JVM: the defaults, but for these. */
    public static TrainerConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(TrainerConfig.class)
                .withSources(new PropertiesConfigSource(settings, "test", 500))
                .build()
                .getConfigMapping(TrainerConfig.class);
    }
}
