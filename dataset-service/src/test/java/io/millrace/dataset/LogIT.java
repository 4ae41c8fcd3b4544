// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.startRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The logs of the runs: ahead of checkpoints by a bounded amount, cut behind them, and published again when they have lost
 * something. The test is the trainer.
 */
class LogIT {
    /** Bytes of a step of {@link #ORDER}, about. */
    private static final int STEP = 10 * 785 + 768;

    /** So many steps may be ahead. */
    private static final int AHEAD = (1 << 20) / STEP;

    private static final Map<String, String> CONFIG = Map.of(
            "millrace.dataset.max-ahead", "1M",
            "millrace.dataset.max-ahead-epochs", "999",
            "millrace.dataset.log-budget", "2M");
    /** Fifty steps an epoch. */
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":500,"testSamples":10},"recipe":{"epochs":1000,"batchSize":10}}""";

    private static TestBroker broker;
    private static ServiceProcess service;
    private static PublishedBatches published;
    private static Voice voice;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        service = DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady();
        published = new PublishedBatches(broker.bootstrapServers());
        voice = new Voice(broker.bootstrapServers());
        admin = KafkaConnection.of(broker.bootstrapServers()).admin("test");
    }

    @AfterAll
    static void stop() {
        admin.close();
        service.close();
        broker.close();
    }

    @Test
    void publishingGoesOnWithTheCheckpointsAlsoAfterARestartAndTheLogIsCutBehindThem() {
        // When nobody trains, then it stops at the limit
        RunSpec run = order();
        awaitStandstill(run, AHEAD);

        // When there is a checkpoint, then as much more fits
        voice.checkpoint(run, 50);
        awaitStandstill(run, 50 + AHEAD);
        assertThat(service.get("/q/metrics").body())
                .contains("millrace_dataset_ahead_bytes{run=\"" + run.runId() + "\"} " + (double) AHEAD * STEP)
                .contains("millrace_dataset_log_bytes{run=\"" + run.runId() + "\"} " + (double) (50 + AHEAD) * STEP);

        // When the service is started again, then what is in no checkpoint still counts
        service.close();
        service = DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady();
        awaitStandstill(run, 50 + AHEAD);
        Position second = voice.checkpoint(run, 100);
        awaitStandstill(run, 100 + AHEAD);
        assertThat(begin(run)).isZero();

        // When the log holds more than its budget, then it is cut behind the second-newest checkpoint
        voice.checkpoint(run, 150);
        awaitStandstill(run, 150 + AHEAD);
        assertThat(begin(run)).isEqualTo(second.nextOffsets().get(0));
        assertThat(published.steps(run, 0)).containsExactlyElementsOf(steps(100, 150 + AHEAD));

        // When the run is deleted, then so are its log and its gauges
        forget(run);
        assertThat(service.get("/q/metrics").body()).doesNotContain("run=\"" + run.runId());
    }

    @Test
    void checkpointsThatAreTooFarApartComeNearerAtTheEndsOfRoundsAndTheRunCanBeTrained() throws Exception {
        // When
        HttpResponse<String> created = service.post("/runs", """
                {"dataset":"strokes","strokes":{"trainSamples":3000,"testSamples":10},
                 "recipe":{"epochs":1,"batchSize":10,"sync":{"everySteps":7}},"shards":2}""");

        // Then it is said
        assertThat(created.statusCode()).isEqualTo(201);
        JsonNode answer = ServiceProcess.json(created);
        int every = answer.at("/recipe/checkpointEverySteps").asInt();
        assertThat(every).isEqualTo((1 << 20) / 2 / (2 * STEP) / 7 * 7);
        assertThat(answer.at("/notes/0").asText())
                .contains("A checkpoint is made every " + every + " steps instead of every 150", "max-ahead");

        // And a trainer that makes these checkpoints gets to the end
        RunSpec run = DatasetProcess.run(service, answer.path("runId").asText());
        Topic deltas = Topic.deltas(run.incarnation());
        for (int step = every; step < 150; step += every) {
            awaitSteps(run, step);
            voice.write(deltas, run.incarnation(), new byte[1]);
            voice.checkpoint(run, step, Map.of(0, (long) step / every));
        }
        awaitSteps(run, 150);

        // And what its replicas shared up to the second-newest one is deleted, though there is room for it
        long rounds = 149 / every;
        await().until(() -> begin(deltas, 0) == rounds - 1);

        // When it has ended, then nobody needs the rest
        voice.state(run.runId(), RunStatus.State.FINISHED, null);
        await().until(() -> begin(deltas, 0) == rounds);
        forget(run);
        assertThat(topics()).doesNotContain(deltas.name());
    }

    @Test
    void runsArePublishedAtOnceAndThoseOfAHigherPriorityComeFirst() {
        RunSpec patient = order();
        RunSpec urgent = DatasetProcess.run(
                service, startRun(service, ORDER.replace("{\"dataset", "{\"priority\":9,\"dataset")));

        // Both have all that may be ahead, though nobody trains either
        awaitStandstill(patient, AHEAD);
        awaitStandstill(urgent, AHEAD);

        // When both may go on, then the one of the higher priority does so first
        service.close();
        voice.checkpoint(patient, 50);
        voice.checkpoint(urgent, 50);
        service = DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady();
        awaitStandstill(patient, 50 + AHEAD);
        awaitStandstill(urgent, 50 + AHEAD);
        assertThat(time(urgent, AHEAD)).isLessThanOrEqualTo(time(patient, AHEAD));
        assertThat(time(patient, AHEAD)).isLessThanOrEqualTo(time(urgent, 50 + AHEAD - 1));
        forget(patient);
        forget(urgent);
    }

    private static long time(RunSpec run, int step) {
        return published.read(Topic.batches(run.incarnation()), 0).stream()
                .filter(record -> PublishedBatches.decode(record).id().step(run.batchesPerEpoch()) == step)
                .mapToLong(ConsumerRecord::timestamp)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatTheLogHasLostIsPublishedAgainOncePerRequest() throws Exception {
        RunSpec run = order();
        awaitStandstill(run, AHEAD);
        List<ImageBatch> before = published.read(Topic.batches(run.incarnation()), 0, run.incarnation());
        voice.checkpoint(run, 50);
        awaitStandstill(run, 50 + AHEAD);

        // When records are deleted by hand in the middle, and the trainer lacks what it has to read
        deleteBefore(run, begin(run) + 80);
        voice.lacks(run.runId(), 70L);
        voice.lacks(run.runId(), 70L);

        // Then it is published again from there, once, and the same
        awaitRepublished(run, 70);
        awaitSteps(run, 70 + AHEAD);
        List<ImageBatch> again = published.read(Topic.batches(run.incarnation()), 0, run.incarnation());
        assertThat(again.get(10)).usingRecursiveComparison().isEqualTo(before.get(80));
        assertThat(published.steps(run, 0)).containsExactlyElementsOf(steps(70, 70 + AHEAD));

        // When that is deleted to the end before it was read, and the trainer still lacks it
        deleteBefore(run, RecordsToDelete.beforeOffset(-1).beforeOffset());
        awaitRepublished(run, 70);
        voice.lacks(run.runId(), null);

        // When the topic is deleted, and the trainer goes on from its checkpoint
        admin.deleteTopics(List.of(Topic.batches(run.incarnation()).name()))
                .all()
                .get();
        voice.lacks(run.runId(), 50L);
        awaitRepublished(run, 50);
        voice.lacks(run.runId(), null);

        // When the trainer begins anew
        voice.lacks(run.runId(), 0L);
        awaitRepublished(run, 0);
        forget(run);
    }

    @Test
    void whatIsSetApartIsNeverTrainedOnIsPublishedOnceAndAgainWhenItIsMissed() throws Exception {
        // Given two runs that set the same samples apart, and one that sets others apart
        String order = """
                {"dataset":"strokes","strokes":{"trainSamples":1000,"testSamples":10},"seed":%d,
                 "recipe":{"epochs":2,"batchSize":10,"validation":0.2,"augmentation":{"shift":0}}}""";
        RunSpec run = DatasetProcess.run(service, startRun(service, order.formatted(7)));
        RunSpec same = DatasetProcess.run(service, startRun(service, order.formatted(7)));
        RunSpec other = DatasetProcess.run(service, startRun(service, order.formatted(8)));

        // Then an epoch is what they leave
        int samples = run.dataset().validation().samples();
        String digest = run.dataset().validation().digest();
        assertThat(samples).isBetween(190, 210);
        assertThat(run.batchesPerEpoch()).isEqualTo((1000 - samples) / 10);
        assertThat(same.dataset()).isEqualTo(run.dataset());
        assertThat(other.dataset().validation().digest()).isNotEqualTo(digest);

        // And they lie beside the test split, once, and in no batch that is trained on
        awaitSteps(run, run.batchesPerEpoch());
        awaitSteps(same, run.batchesPerEpoch());
        List<ImageBatch> apart = published.read(Topic.TEST_BATCHES, 0, digest);
        assertThat(apart).hasSize(1).first().extracting(ImageBatch::size).isEqualTo(samples);
        Set<ByteBuffer> trained = images(published.read(Topic.batches(run.incarnation()), 0, run.incarnation()));
        assertThat(images(apart)).hasSize(samples);
        assertThat(trained).hasSizeGreaterThan(700).doesNotContainAnyElementsOf(images(apart));

        // When somebody deletes them, and the trainer says that it waits for them
        TopicPartition partition = new TopicPartition(Topic.TEST_BATCHES.name(), 0);
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                .all()
                .get();
        voice.lacksValidation(run.runId());

        // Then they are published again, the same
        await().untilAsserted(() -> assertThat(published.read(Topic.TEST_BATCHES, 0, digest))
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(apart));
        List.of(run, same, other).forEach(LogIT::forget);
    }

    private static Set<ByteBuffer> images(List<ImageBatch> batches) {
        Set<ByteBuffer> images = new HashSet<>();
        for (ImageBatch batch : batches) {
            int bytes = batch.images().remaining() / batch.size();
            for (int k = 0; k < batch.size(); k++) {
                images.add(batch.images().slice(k * bytes, bytes));
            }
        }
        return images;
    }

    @Test
    void aLogThatIsDeletedAndOfWhichNothingIsLackedGoesOnFromTheNewestCheckpoint() throws Exception {
        RunSpec run = order();
        awaitStandstill(run, AHEAD);
        voice.checkpoint(run, 50);
        awaitStandstill(run, 50 + AHEAD);

        admin.deleteTopics(List.of(Topic.batches(run.incarnation()).name()))
                .all()
                .get();
        awaitRepublished(run, 50);
        long begin = begin(run);

        // When a trainer that wants to go on at an offset of the former log is beyond that step, it comes again
        voice.lacks(run.runId(), 50L);
        await().until(() -> begin(run) > begin);
        awaitRepublished(run, 50);
        forget(run);
    }

    @Test
    void aBatchThatDoesNotFitIntoARecordComesInParts() {
        RunSpec run = DatasetProcess.run(service, startRun(service, """
                {"dataset":"strokes","strokes":{"trainSamples":3000,"testSamples":10},
                 "recipe":{"epochs":2,"batchSize":1500}}"""));

        awaitSteps(run, 1);
        int most = ImageBatch.imagesPerRecord(28 * 28);
        List<ImageBatch> parts = published.read(Topic.batches(run.incarnation()), 0, run.incarnation());
        assertThat(parts).extracting(ImageBatch::size).startsWith(most, 1500 - most);
        BatchId whole = parts.get(0).id().whole();
        assertThat(parts.subList(0, 2)).extracting(ImageBatch::id).containsExactly(whole.part(0, 2), whole.part(1, 2));
        assertThat(parts.get(1).samplesDigest()).isEqualTo(parts.get(0).samplesDigest());
        forget(run);
    }

    @Test
    void aForeignTopicOfARunsNameIsMendedAndItsRecordsConfuseNothing() throws Exception {
        // Given a compacted topic with records that are none of ours
        RunSpec like = order();
        awaitStandstill(like, AHEAD);
        forget(like);
        RunSpec run = EventCodec.decode(
                new String(EventCodec.encode(like))
                        .replace(like.runId(), "foreign")
                        .getBytes(),
                RunSpec.class);
        Topic log = Topic.batches(run.incarnation());
        admin.createTopics(List.of(new NewTopic(log.name(), 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                .all()
                .get();
        for (int k = 0; k < 30; k++) {
            voice.write(log, k % 2 == 0 ? "key" : run.incarnation(), new byte[] {1});
        }
        voice.write(log, "key", null);

        // When a run has its name
        voice.say(Topic.RUNS, run.runId(), run);

        // Then
        awaitStandstill(run, AHEAD);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, log.name());
        assertThat(admin.describeConfigs(List.of(resource)).all().get().get(resource))
                .satisfies(config ->
                        assertThat(config.get("cleanup.policy").value()).isEqualTo("delete"))
                .satisfies(
                        config -> assertThat(config.get("retention.ms").value()).isEqualTo("-1"));

        // When others write at its end and the service is started again, then it goes on where it was
        for (int k = 0; k < 100; k++) {
            voice.write(log, run.incarnation(), new byte[] {1});
        }
        service.close();
        service = DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady();
        awaitStandstill(run, AHEAD);
        assertThat(published.read(log, 0).stream()
                        .filter(record -> record.value() != null && record.value().length > 1))
                .hasSize(AHEAD);
        forget(run);
    }

    @Test
    void logsOfRunsThatWereDeletedMeanwhileAreDeletedAtStartAndNothingElse() throws Exception {
        RunSpec deleted = order();
        RunSpec kept = order();
        awaitStandstill(deleted, AHEAD);
        awaitStandstill(kept, AHEAD);
        service.close();
        List<String> others = List.of(
                Topic.BATCHES_DEAD_LETTERS.name(),
                Topic.BATCHES_PREFIX + "unknown-mb3w2x10",
                Topic.BATCHES_PREFIX + deleted.runId() + "-notes");
        admin.createTopics(others.stream()
                        .map(name -> new NewTopic(name, 1, (short) 1))
                        .toList())
                .all()
                .get();
        voice.say(Topic.RUNS, deleted.runId(), null);

        service = DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady();

        await().until(() ->
                !topics().contains(Topic.batches(deleted.incarnation()).name()));
        assertThat(topics()).contains(Topic.batches(kept.incarnation()).name()).containsAll(others);
        forget(kept);
    }

    @Test
    void aTopicOfTheRunsThatIsMadeAnewIsReadAnew() throws Exception {
        RunSpec run = order();
        awaitStandstill(run, AHEAD);

        // When
        admin.deleteTopics(List.of(Topic.RUNS.name(), Topic.CHECKPOINTS.name()))
                .all()
                .get();
        await().until(() -> !topics().contains(Topic.RUNS.name()));
        TopicAdmin.ensure(KafkaConnection.of(broker.bootstrapServers()), List.of(Topic.RUNS, Topic.CHECKPOINTS));

        // Then what was in it is forgotten, its log is left alone, and it can come back
        await().until(() -> service.json("/runs").isEmpty());
        assertThat(topics()).contains(Topic.batches(run.incarnation()).name());
        voice.say(Topic.RUNS, run.runId(), run);
        awaitStandstill(run, AHEAD);
        voice.checkpoint(run, 50);
        awaitStandstill(run, 50 + AHEAD);
        assertThat(published.steps(run, 0)).containsExactlyElementsOf(steps(0, 50 + AHEAD));
        forget(run);
    }

    @Test
    void aRecordThatTheBrokerDoesNotTakeBlocksItsRunAloneAndItGoesOnWhenThatIsMended() throws Exception {
        RunSpec run = order();
        awaitStandstill(run, AHEAD);
        ConfigResource log = new ConfigResource(
                ConfigResource.Type.TOPIC, Topic.batches(run.incarnation()).name());
        limit(log, "5000");
        voice.checkpoint(run, 50);

        await().untilAsserted(() -> assertThat(
                        service.json("/runs/" + run.runId()).path("reason").asText())
                .contains("max.message.bytes"));
        assertThat(service.status("/q/health/ready")).isEqualTo(503);
        assertThat(service.status("/q/health/live")).isEqualTo(200);
        RunSpec next = order();
        awaitStandstill(next, AHEAD);

        limit(log, "1048588");
        awaitStandstill(run, 50 + AHEAD);
        service.awaitReady();
        forget(run);
        forget(next);
    }

    private static void limit(ConfigResource topic, String bytes) throws Exception {
        admin.incrementalAlterConfigs(Map.of(
                        topic,
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static RunSpec order() {
        return DatasetProcess.run(service, startRun(service, ORDER));
    }

    private static void forget(RunSpec run) {
        // One that is running is not removed.
        new Voice(broker.bootstrapServers()).state(run.runId(), RunStatus.State.FAILED, "nobody needs it");
        await().until(() ->
                service.json("/runs/" + run.runId()).path("state").asText().equals("failed"));
        service.delete("/runs/" + run.runId());
        await().until(() -> !topics().contains(Topic.batches(run.incarnation()).name()));
        await().until(() -> !service.get("/q/metrics").body().contains("run=\"" + run.runId()));
    }

    private static Set<String> topics() throws Exception {
        return admin.listTopics().names().get();
    }

    private static List<Long> steps(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static void deleteBefore(RunSpec run, long offset) throws Exception {
        TopicPartition partition =
                new TopicPartition(Topic.batches(run.incarnation()).name(), 0);
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                .all()
                .get();
    }

    private static long begin(RunSpec run) {
        return begin(Topic.batches(run.incarnation()), 0);
    }

    private static long begin(Topic topic, int number) {
        TopicPartition partition = new TopicPartition(topic.name(), number);
        try {
            return admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The log begins with a step, and goes on to what may be ahead of it. */
    private static void awaitRepublished(RunSpec run, long step) {
        await().ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(published.steps(run, 0)).isNotEmpty().first().isEqualTo(step));
        awaitSteps(run, step + 50);
    }

    private static void awaitSteps(RunSpec run, long atLeast) {
        await().until(() -> published(run) >= atLeast * run.shards());
    }

    private static void awaitStandstill(RunSpec run, int steps) {
        await().untilAsserted(() -> assertThat(published(run)).isEqualTo((long) steps * run.shards()));
        await().during(Duration.ofMillis(600))
                .untilAsserted(() -> assertThat(published(run)).isEqualTo((long) steps * run.shards()));
    }

    private static long published(RunSpec run) {
        return service.json("/runs/" + run.runId()).path("publishedBatches").asLong();
    }
}
