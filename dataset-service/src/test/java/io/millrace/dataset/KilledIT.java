// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.RunSpec;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The service is killed again and again while it publishes; the log must look as if nothing had happened. */
class KilledIT {
    private static final int BATCHES_PER_EPOCH = 100;
    private static final int EPOCHS = 25;
    private static final int STEPS = EPOCHS * BATCHES_PER_EPOCH;
    private static final int TEST_BATCHES = 60;
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":2000,"testSamples":30000},
             "recipe":{"epochs":25,"batchSize":10,"augmentation":{"shift":2}},"shards":2,"seed":11,"runId":"killed"}""";
    private static final Map<String, String> CONFIG = Map.of("millrace.dataset.max-ahead-epochs", "1000");

    /** What a batch holds, apart from the run it belongs to. */
    private record Content(int epoch, int index, int labels, ByteBuffer images, String samples) {
        static Content of(ImageBatch batch) {
            return new Content(
                    batch.id().epoch(),
                    batch.id().index(),
                    Arrays.hashCode(batch.labels()),
                    batch.images(),
                    batch.samplesDigest());
        }
    }

    @Test
    void everyBatchIsInTheLogOnceAndInOrderHoweverOftenTheServiceIsKilled() {
        try (TestBroker broker = TestBroker.start()) {
            PublishedBatches published = new PublishedBatches(broker.bootstrapServers());

            // When: killed in the middle of the test split, and of the training batches at several places
            RunSpec run = publishAndKill(broker, published);
            RunSpec undisturbed = finishAndPublishUndisturbed(broker, run);

            // Then
            assertThat(published.read(Topic.TEST_BATCHES, 0))
                    .extracting(record -> PublishedBatches.decode(record).id().index())
                    .containsExactlyElementsOf(
                            IntStream.range(0, TEST_BATCHES).boxed().toList());
            for (int shard = 0; shard < 2; shard++) {
                int partition = shard;
                assertThat(published.read(Topic.batches(run.incarnation()), shard, run.incarnation()))
                        .extracting(ImageBatch::id)
                        .containsExactlyElementsOf(IntStream.range(0, STEPS)
                                .mapToObj(step -> new BatchId(
                                        run.incarnation(),
                                        Split.TRAIN,
                                        step / BATCHES_PER_EPOCH,
                                        step % BATCHES_PER_EPOCH,
                                        partition))
                                .toList());
            }
            for (int shard = 0; shard < 2; shard++) {
                List<Content> killed = contents(published, shard, run);
                assertThat(killed).isEqualTo(contents(published, shard, undisturbed));
            }
        }
    }

    private static RunSpec publishAndKill(TestBroker broker, PublishedBatches published) {
        RunSpec run;
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady()) {
            run = DatasetProcess.run(service, startRun(service, ORDER));
            published.awaitEnd(Topic.TEST_BATCHES, 0, 10);
            service.kill();
        }
        assertThat(published.read(Topic.TEST_BATCHES, 0)).hasSizeBetween(1, TEST_BATCHES - 1);
        for (int part = 1; part <= 3; part++) {
            try (ServiceProcess service = DatasetProcess.start(broker.bootstrapServers(), CONFIG)) {
                published.awaitEnd(Topic.batches(run.incarnation()), 0, part * STEPS / 5);
                service.kill();
            }
            assertThat(published.read(Topic.batches(run.incarnation()), 0)).hasSizeBetween(1, STEPS - 1);
        }
        return run;
    }

    private static RunSpec finishAndPublishUndisturbed(TestBroker broker, RunSpec run) {
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), CONFIG).awaitReady()) {
            awaitPublished(service, run.runId());
            String undisturbed = startRun(service, ORDER.replace("killed", "undisturbed"));
            awaitPublished(service, undisturbed);
            return DatasetProcess.run(service, undisturbed);
        }
    }

    private static List<Content> contents(PublishedBatches published, int shard, RunSpec run) {
        return published.read(Topic.batches(run.incarnation()), shard, run.incarnation()).stream()
                .map(Content::of)
                .toList();
    }
}
