// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.Fixtures.withNetwork;
import static io.millrace.trainer.Fixtures.withOptions;
import static io.millrace.trainer.Fixtures.withStart;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.network.Networks;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that start from weights that were trained elsewhere, by a trainer that has little memory. */
class TransferIT {
    private static final int STEPS = 3;
    private static final List<String> ADAPTATIONS = List.of(
            "conv1.weight of 3 channels is summed to 1",
            "fc is begun anew: the weights have it as [7, 4], 4 classes need [4, 4]");

    @TempDir
    private Path store;

    private final AtomicInteger requests = new AtomicInteger();

    private static Network network(int channels, int classes) {
        ResidualLayout layout = new ResidualLayout(Block.BASIC, List.of(1), List.of(4), null, null, null, null);
        return new Network("small", Network.Stem.CIFAR, channels, classes, layout);
    }

    private HttpServer serve(byte[] file) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                exchange.sendResponseHeaders(200, file.length);
                exchange.getResponseBody().write(file);
            }
        });
        server.start();
        return server;
    }

    private static RunSpec spec(String runId, Start start) {
        RunSpec run = withNetwork(run(runId, 2, STEPS, 1), network(1, 4));
        return withStart(withOptions(run, "{\"freeze\": {\"what\": [\"backbone\"], \"untilEpoch\": 1}}"), start);
    }

    private ServiceProcess trainer(TestBroker broker) {
        return TrainerProcess.start(broker.bootstrapServers(), store, Map.of("millrace.trainer.memory-limit", "100M"));
    }

    /**
     * Killed before its first checkpoint, a run has its weights from where they were kept; killed after it, it needs them
     * no more. The frozen epoch leaves the backbone as it came, the next one does not.
     */
    @Test
    void aRunStartsFromWeightsThawsAndIsWhatAnotherStartsFrom() throws Exception {
        List<Tensor> given = Networks.initialWeights(network(3, 7), 99);
        byte[] file = Safetensors.of(Map.of(), given).toBytes();
        HttpServer server = serve(file);
        String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/small.safetensors";
        Start start = new Start(address, sha256(file));
        RunSpec run = spec("starts", start);
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers())) {
            log.ask(run);
            log.batches(run, 0, 1);
            try (ServiceProcess trainer = trainer(broker)) {
                awaitStep(trainer, run.runId(), 1);
                assertThat(trainer.json("/run").path("adaptations")).hasSize(2);
                trainer.kill();
            }
            server.stop(0);

            log.batches(run, 1, 2 * STEPS);
            RunSpec next;
            try (ServiceProcess trainer = trainer(broker)) {
                RunStatus status = log.awaitEnd(run.runId());
                assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
                assertThat(status.adaptations()).isEqualTo(ADAPTATIONS);
                assertThat(trainer.log())
                        .contains("Starts from weights. runId=starts weights=" + address)
                        .contains("What was frozen is trained from now on. runId=starts step=3");
                next = spec("goes-on", new Start(run.incarnation() + "-step-" + 2 * STEPS, null));
                log.whole(next);
                assertThat(log.awaitEnd(next.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
                assertRefused(log);
            }

            assertThat(requests).hasValue(1);
            List<Checkpoint> checkpoints = checkpoints(log, run);
            assertThat(checkpoints).hasSize(2).allSatisfy(checkpoint -> assertThat(
                            checkpoint.metadata().start())
                    .isEqualTo(new Lineage(address, start.sha256(), ADAPTATIONS)));
            for (String name : List.of("bn1.weight", "bn1.running_mean", "layer1.0.conv2.weight")) {
                assertThat(named(checkpoints.get(0), name)).as(name).isEqualTo(named(given, name));
                assertThat(named(checkpoints.get(1), name)).as(name).isNotEqualTo(named(given, name));
            }
            Checkpoint goesOn = checkpoints(log, next).get(0);
            assertThat(goesOn.metadata().start().adaptations()).isEmpty();
            assertThat(named(goesOn, "conv1.weight")).isEqualTo(named(checkpoints.get(1), "conv1.weight"));
        }
    }

    /** What cannot be had ends the run before its first step, with the reason. */
    private static void assertRefused(Log log) {
        RunSpec nowhere = spec("nowhere", new Start("/nowhere.safetensors", null));
        RunSpec large = run("large", 1, STEPS, 1);
        RunSpec unmatched = withOptions(
                withNetwork(run("unmatched", 1, STEPS, 1), network(1, 4)), "{\"freeze\": {\"what\": [\"layer9.*\"]}}");
        Map<RunSpec, String> reasons = Map.of(
                nowhere, "the weights /nowhere.safetensors are no file that the trainer can read",
                large, "to train resnet18 with 4 images of 1x8x8 at once takes about",
                unmatched, "recipe.freeze: no parameter is meant by the pattern \"layer9.*\"");
        reasons.forEach((run, reason) -> {
            log.whole(run);
            RunStatus status = log.awaitEnd(run.runId());
            assertThat(status.state()).isEqualTo(State.FAILED);
            assertThat(status.reason()).startsWith(reason);
            assertThat(status.step()).isZero();
        });
    }

    private List<Checkpoint> checkpoints(Log log, RunSpec run) throws IOException {
        DirectoryCheckpointStore directory = new DirectoryCheckpointStore(store);
        List<CheckpointPublished> announced = log.checkpoints(run.runId());
        Checkpoint first = directory.read(announced.get(0).checkpoint());
        return List.of(first, directory.read(announced.get(announced.size() - 1).checkpoint()));
    }

    private static Tensor named(Checkpoint checkpoint, String name) {
        return named(checkpoint.weights(), name);
    }

    private static Tensor named(List<Tensor> tensors, String name) {
        return tensors.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String sha256(byte[] file) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
    }
}
