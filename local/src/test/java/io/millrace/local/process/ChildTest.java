// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes: small shell scripts. */
class ChildTest {
    private static final RestartPolicy FAST =
            new RestartPolicy(Duration.ofMillis(10), Duration.ofMillis(40), 5, Duration.ofHours(1));
    private static final RestartPolicy FORGETFUL =
            new RestartPolicy(FAST.first(), FAST.longest(), FAST.limit(), Duration.ZERO);

    @TempDir
    private Path directory;

    private final Recorder told = new Recorder();
    private Child child;

    @AfterEach
    void stop() throws InterruptedException {
        child.askToStop();
        child.awaitStop(Duration.ofSeconds(5));
    }

    private void start(String script) throws IOException {
        start(script, FAST);
    }

    private void start(String script, RestartPolicy policy) throws IOException {
        LogFile log = new LogFile(directory.resolve("child.log"));
        child = new Child(new ChildSpec("child", List.of("/bin/sh", "-c", script), log, true), policy, told);
        child.start();
    }

    @Test
    void aProcessThatKeepsFailingIsRestartedWithGrowingDelaysAndThenGivenUp() throws IOException {
        start("echo no luck; exit 3");

        await().untilAsserted(() -> assertThat(told.gaveUp).hasSize(1));
        assertThat(told.started).hasSize(5);
        assertThat(told.exitCodes).containsExactly(3, 3, 3, 3);
        assertThat(told.delays).extracting(Duration::toMillis).containsExactly(10L, 20L, 40L, 40L);
        assertThat(told.lastWords).containsOnly("no luck");
        assertThat(told.gaveUp.get(0)).contains("5 times in a row").contains("exit code 3");
        assertThat(child.log().tail(9)).hasSize(5).containsOnly("no luck");
    }

    @Test
    void aProcessThatIsKilledAtWorkIsRestartedHoweverOftenWithGrowingDelays() throws IOException {
        killAtWork(FAST, 7);

        assertThat(told.exitCodes).hasSize(7).containsOnly(137);
        assertThat(told.delays).extracting(Duration::toMillis).containsExactly(10L, 20L, 40L, 40L, 40L, 40L, 40L);
        assertThat(told.gaveUp).isEmpty();
    }

    @Test
    void afterAWhileOfWorkTheDelaysBeginAnew() throws IOException {
        killAtWork(FORGETFUL, 3);

        assertThat(told.delays).extracting(Duration::toMillis).containsExactly(10L, 10L, 10L);
    }

    @Test
    void aProcessThatIsToMakeWayGoesBehindOthersFromWhenItDoesItsWork() throws IOException {
        start("exec sleep 60");
        await().untilAsserted(() -> assertThat(told.started).hasSize(1));
        long pid = told.started.get(0);
        assertThat(niceness(pid)).isEqualTo(niceness(ProcessHandle.current().pid()));

        child.healthy();

        await().untilAsserted(() -> assertThat(niceness(pid))
                .isGreaterThan(niceness(ProcessHandle.current().pid())));
    }

    private static int niceness(long pid) throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "ni=", "-p", Long.toString(pid)).start();
        return Integer.parseInt(new String(ps.getInputStream().readAllBytes(), UTF_8).strip());
    }

    private void killAtWork(RestartPolicy policy, int times) throws IOException {
        start("exec sleep 60", policy);
        for (int kills = 1; kills <= times; kills++) {
            int starts = kills;
            await().untilAsserted(() -> assertThat(told.started).hasSize(starts));
            child.healthy();
            ProcessHandle.of(told.started.get(kills - 1)).orElseThrow().destroyForcibly();
        }
        await().untilAsserted(() -> assertThat(told.started).hasSize(times + 1));
    }

    @Test
    void aProcessThatFailsSoonAfterEachTimeItWasReadyIsGivenUp() throws IOException {
        start("trap 'exit 3' TERM; echo up; while true; do sleep 0.05; done");
        for (int ends = 1; ends <= 5; ends++) {
            int starts = ends;
            await().untilAsserted(() -> assertThat(child.log().tail(9)).hasSize(starts));
            child.healthy();
            ProcessHandle.of(told.started.get(ends - 1)).orElseThrow().destroy();
        }
        await().untilAsserted(() -> assertThat(told.gaveUp).hasSize(1));
        assertThat(told.delays).extracting(Duration::toMillis).containsExactly(10L, 20L, 40L, 40L);
    }

    @Test
    void aProgramThatIsNotThereIsGivenUp() throws IOException {
        start("exec /nonexistent/program");

        await().untilAsserted(() -> assertThat(told.gaveUp).hasSize(1));
        assertThat(child.log().tail(1).get(0)).contains("/nonexistent/program");
    }

    @Test
    void aStoppedProcessIsAskedToEndAndNotStartedAgain() throws IOException, InterruptedException {
        start("trap 'echo asked; exit 0' TERM; echo up; while true; do sleep 0.1; done");
        await().untilAsserted(() -> assertThat(child.log().tail(1)).containsExactly("up"));

        child.askToStop();
        child.awaitStop(Duration.ofSeconds(5));

        assertThat(child.pid()).isEmpty();
        assertThat(child.log().tail(1)).containsExactly("asked");
        assertThat(told.started).hasSize(1);
        assertThat(told.exitCodes).isEmpty();
    }

    @Test
    void aProcessThatDoesNotListenIsKilledAfterTheGrace() throws IOException, InterruptedException {
        start("trap '' TERM; echo up; while true; do sleep 0.1; done");
        await().untilAsserted(() -> assertThat(child.log().tail(1)).containsExactly("up"));
        long pid = child.pid().orElseThrow();

        child.askToStop();
        child.awaitStop(Duration.ofMillis(200));

        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    @Test
    void processesThatDoNotListenShareTheGrace() throws IOException, InterruptedException {
        Duration grace = Duration.ofSeconds(1);
        List<Child> deaf = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            start("trap '' TERM; echo up; while true; do sleep 0.1; done");
            await().untilAsserted(() -> assertThat(child.log().tail(1)).containsExactly("up"));
            deaf.add(child);
        }
        long begin = System.nanoTime();

        Child.stop(deaf, grace);

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(grace, grace.multipliedBy(3));
        assertThat(deaf).allMatch(stopped -> stopped.pid().isEmpty());
    }

    @Test
    void controlCInTheTerminalDoesNotReachTheProcess() throws IOException {
        start("kill -INT $$; kill -HUP $$; echo still here; exec sleep 60");

        await().untilAsserted(() -> assertThat(child.log().tail(1)).containsExactly("still here"));
        assertThat(told.exitCodes).isEmpty();
    }

    @Test
    void aLogIsSetAsideWhileTheProcessRunsAndGoesOnAfterItsRestart() throws IOException {
        String line =
                "a line of a hundred bytes, so that a hundred thousand of them are more than one file takes here ......";
        // yes, in its first life; then a word.
        start("cd '" + directory + "'; if [ -e second ]; then echo again; exec sleep 60; fi; touch second; yes '" + line
                + "' | head -n 100000");

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(child.log().tail(1)).containsExactly("again"));
        long lines = 0;
        assertThat(child.log().files()).hasSize(2);
        try (LogReader reader = new LogReader(child.log())) {
            for (var each = reader.next(); each.isPresent(); each = reader.next()) {
                lines += each.get().equals(line) ? 1 : 0;
            }
        }
        assertThat(lines).isEqualTo(100_000);
    }
}
