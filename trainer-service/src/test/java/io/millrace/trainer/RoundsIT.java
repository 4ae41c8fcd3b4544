// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.trainer.checkpoint.BatchChain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in rounds, by one worker and by two, of which each is killed in its middle. */
class RoundsIT {
    private static final int STEPS = 64;
    private static final int REPLICAS = 2;

    @TempDir
    private Path store;

    private TestBroker broker;
    private Log log;

    private final List<ServiceProcess> workers = new ArrayList<>();

    @BeforeEach
    void start() {
        broker = TestBroker.start();
        log = new Log(broker.bootstrapServers());
    }

    @AfterEach
    void stop() {
        workers.forEach(ServiceProcess::close);
        log.close();
        broker.close();
    }

    private ServiceProcess worker(String name) {
        ServiceProcess worker =
                TrainerProcess.start(broker.bootstrapServers(), store, Map.of("millrace.trainer.pool.worker", name));
        workers.add(worker);
        return worker;
    }

    private static RunSpec spec(String id) {
        RunSpec run = Fixtures.withOptions(run(id, 2, STEPS / 2, REPLICAS), """
                {"averaging": {"decay": 0.9}, "checkpointEverySteps": 8,
                 "sync": {"everySteps": 4, "fromStep": 3, "outer": {"momentum": 0.5}}}""");
        return Fixtures.withNetwork(
                run,
                new Network(
                        "tiny",
                        Network.Stem.IMAGENET,
                        1,
                        Fixtures.CLASSES.size(),
                        new ResidualLayout(Block.BASIC, List.of(1), List.of(4), null, null, null, null)));
    }

    private void awaitStep(RunSpec run, long step) {
        await().pollInterval(Duration.ofMillis(100)).until(() -> log.status(run.runId())
                .filter(status -> status.step() >= step)
                .isPresent());
    }

    private static boolean holds(ServiceProcess asked, String worker, RunSpec run, Integer... replicas) {
        JsonNode pool = asked.json("/workers").path("workers");
        return StreamSupport.stream(pool.spliterator(), false)
                .filter(each -> each.path("worker").asText().equals(worker)
                        && each.path("runId").asText().equals(run.runId()))
                .anyMatch(each -> StreamSupport.stream(each.path("replicas").spliterator(), false)
                        .map(JsonNode::asInt)
                        .toList()
                        .containsAll(List.of(replicas)));
    }

    @Test
    void oneWorkerAndTwoThatAreKilledTrainTheSameWeights() throws IOException {
        RunSpec shared = spec("shared");
        RunSpec alone = spec("alone");
        ServiceProcess first = worker("first");
        ServiceProcess second = worker("second");
        await().ignoreException(UncheckedIOException.class)
                .until(() -> first.json("/workers").path("workers").size() == 2);

        // Given a run of which each of two workers has a replica
        log.ask(shared);
        log.batches(shared, 0, 18);
        awaitStep(shared, 16);
        boolean leads = holds(first, "first", shared, 0);
        ServiceProcess leader = leads ? first : second;
        ServiceProcess follower = leads ? second : first;
        assertThat(holds(first, leads ? "second" : "first", shared, 1)).isTrue();
        TrainerProcess.awaitStep(follower, shared.runId(), 16);

        // When a batch is missing in the shard that the one does not read which writes about the run
        log.batch(shared, 18, 0);
        log.batch(shared, 19, 0);
        log.batch(shared, 19, 1);
        // Then the round in which it is missing is told all the same, and comes
        log.awaitLack(shared, 16);
        log.batch(shared, 18, 1);
        log.batch(shared, 19, 1);
        awaitStep(shared, 20);
        await().until(() ->
                log.status("shared").filter(status -> status.lacks() == null).isPresent());

        // When something lies among what replicas share that is none of it, and the other one is killed in the middle
        // of a
        // round
        log.send(Topic.deltas(shared.incarnation()), 1, shared.incarnation(), Optional.of("x"), new byte[] {1});
        log.batches(shared, 20, 26);
        awaitStep(shared, 24);
        follower.kill();
        // Then the one has both replicas
        await().until(() -> holds(leader, leads ? "first" : "second", shared, 0, 1));
        log.batches(shared, 26, 38);
        awaitStep(shared, 36);

        // When a third comes, and the one is killed that wrote about the run
        ServiceProcess third = worker("third");
        TrainerProcess.awaitStep(third, shared.runId(), 36);
        leader.kill();
        await().until(() -> holds(third, "third", shared, 0, 1));
        log.batches(shared, 38, STEPS);
        isTrained(third, shared);

        // Then it is as if one worker had trained it
        log.whole(alone);
        isTrained(third, alone);
        for (boolean averaged : List.of(false, true)) {
            assertThat(weights(shared, averaged)).isNotEmpty().isEqualTo(weights(alone, averaged));
        }
        assertThat(log.records(Topic.DELTAS_DEAD_LETTERS, 0))
                .isNotEmpty()
                .allSatisfy(letter -> assertThat(letter.value()).hasSize(1));
        BatchChain chain = new BatchChain(Position.NO_BATCHES);
        for (long step = 0; step < STEPS; step++) {
            for (int replica = 0; replica < REPLICAS; replica++) {
                chain.add(Fixtures.id(shared, step, replica));
            }
        }
        assertThat(last(shared, false).position().batchesDigest()).isEqualTo(chain.digest());
    }

    private void isTrained(ServiceProcess trainer, RunSpec run) {
        RunStatus status = log.awaitEnd(run.runId());
        assertThat(status.state()).as(status.reason() + trainer.log()).isEqualTo(State.FINISHED);
        assertThat(status.samples()).isEqualTo((long) STEPS * REPLICAS * Fixtures.BATCH);
        assertThat(status.lostBatches()).isZero();
    }

    private Map<String, ByteBuffer> weights(RunSpec run, boolean averaged) throws IOException {
        Map<String, ByteBuffer> weights = new TreeMap<>();
        for (Tensor tensor : new DirectoryCheckpointStore(store)
                .read(last(run, averaged).checkpoint())
                .weights()) {
            weights.put(tensor.name(), tensor.data());
        }
        return weights;
    }

    private CheckpointPublished last(RunSpec run, boolean averaged) {
        return log.checkpoints(run.runId()).stream()
                .filter(checkpoint -> checkpoint.checkpoint().averaged() == averaged
                        && checkpoint.position().step() == STEPS)
                .findFirst()
                .orElseThrow();
    }
}
