// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.local.Refusal;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void allPortsFollowFromTheFirst() {
        Ports ports = new Ports(8080);

        assertThat(ports.uri(Part.INFERENCE)).hasToString("http://127.0.0.1:8080");
        assertThat(ports.of(Part.DATASET)).isEqualTo(8081);
        assertThat(ports.of(Part.TRAINER)).isEqualTo(8082);
        assertThat(ports.of(Part.EVALUATOR)).isEqualTo(8083);
        assertThat(ports.managementUri(Part.EVALUATOR)).hasToString("http://127.0.0.1:9083");
        assertThat(ports.bootstrapServers()).isEqualTo("127.0.0.1:8092");
    }

    /** Though nobody listens on any of them. */
    @Test
    void noTwoStacksOfTestsHaveAPortInCommon() {
        List<Integer> ports = Stream.generate(FreePorts::find)
                .limit(50)
                .flatMap(stack -> Stream.of(Part.values()).map(stack::of))
                .toList();

        assertThat(ports).doesNotHaveDuplicates();
    }

    @Test
    void aBusyPortIsRefusedWithItsNumberItsUserAndTheRemedy() throws Exception {
        Ports ports = FreePorts.find();
        try (ServerSocket busy = new ServerSocket(ports.of(Part.EVALUATOR), 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> ports.requireFree(Part.ALL, Duration.ofMillis(300)))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("port " + busy.getLocalPort() + " is busy")
                    .hasMessageContaining("evaluator-service")
                    .hasMessageContaining("--port N: N to N+13 and N+1000 to N+1010 are used");
        }
        ports.requireFree(Part.ALL, Duration.ZERO);
    }

    @Test
    void aPortThatIsAboutToBeFreeIsWaitedFor() throws Exception {
        Ports ports = FreePorts.find();
        ServerSocket busy = new ServerSocket(ports.of(Part.BROKER), 1, InetAddress.getByName("127.0.0.1"));
        FutureTask<Void> free = new FutureTask<>(() -> {
            ports.requireFree(Part.ALL, Duration.ofSeconds(30));
            return null;
        });
        Thread waiter = new Thread(free);
        waiter.start();
        await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

        busy.close();

        free.get();
    }

    @Test
    void aPortThatThisUserMayNotHaveIsNotCalledBusy() {
        assertThat(Ports.refusal(80, "inference-service", new BindException("Permission denied")))
                .hasMessageContaining("port 80")
                .hasMessageContaining("may not be used by this user")
                .hasMessageContaining("--port N");
    }

    @Test
    void aPortOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new Ports(0)).isInstanceOf(Refusal.class).hasMessageContaining("--port 0");
        assertThatThrownBy(() -> new Ports(65_530)).isInstanceOf(Refusal.class).hasMessageContaining("1 to 64525");
    }

    @Test
    void theHighestFirstPortLeavesRoomForAllWorkers() {
        Ports highest = new Ports(64_525);

        for (Part part : Part.all(Part.MOST_WORKERS)) {
            assertThat(highest.of(part)).isLessThanOrEqualTo(65_535);
        }
        assertThat(highest.management(Part.TRAINER_8)).isEqualTo(65_535);
        assertThat(highest.controller()).isLessThanOrEqualTo(65_535);
        assertThatThrownBy(() -> new Ports(64_526)).isInstanceOf(Refusal.class).hasMessageContaining("N+1010");
    }
}
