// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A run to which faults happen as planned. The command starts again what died; the command itself is started again here,
 * when it was hit or gave a service up that died too often in a row. Not thread-safe.
 */
final class DisturbedRun {
    private static final Duration GLANCE = Duration.ofMillis(50);
    /** For a process that died to be there again, and for a step after a fault. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Up up;
    private final Consumer<String> said;
    private final long begin = System.nanoTime();
    /** What stands still, and until when. */
    private final Map<ProcessHandle, Long> halted = new HashMap<>();

    private int restarts;

    /**
     * @param up that runs
     * @param said takes a line for each thing that happens
     */
    DisturbedRun(Up up, Consumer<String> said) {
        this.up = up;
        this.said = said;
    }

    /** Does what is planned, and waits for the end of the run. */
    void perform(List<PlannedFault> plan) throws IOException, InterruptedException {
        for (PlannedFault planned : plan) {
            awaitStep(planned);
            pause(planned.after());
            strike(planned);
        }
        say("no further faults");
        while (!halted.isEmpty()) {
            pause(GLANCE);
        }
        while (!succeeded()) {
            goOn();
            up.process().waitFor();
        }
        say("the run has ended; the command was started " + (1 + restarts) + " times");
    }

    private void awaitStep(PlannedFault planned) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (up.steps().done() < planned.step()) {
            goOn();
            pause(GLANCE);
            if (succeeded()) {
                throw new IOException("the run was over before step " + planned.step() + " was seen");
            }
            if (System.nanoTime() > deadline) {
                throw stuck("step " + planned.step() + " was not reached");
            }
        }
    }

    private void strike(PlannedFault planned) throws IOException, InterruptedException {
        ProcessHandle victim = await(planned.target());
        boolean struck = planned.fault().strike(victim);
        String length = planned.fault().passes() ? " for " + planned.lasts().toMillis() + " ms" : "";
        say("after step %d: %s to %s, pid %d%s%s"
                .formatted(
                        planned.step(),
                        planned.fault().label(),
                        planned.target().label(),
                        victim.pid(),
                        length,
                        struck ? "" : " (it was gone already)"));
        if (struck && planned.fault().passes()) {
            halted.put(victim, System.nanoTime() + planned.lasts().toNanos());
        }
    }

    /** A process, once it is there. */
    private ProcessHandle await(Target target) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Optional<ProcessHandle> victim = target.of(up);
        while (victim.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw stuck(target.label() + " was not started again");
            }
            goOn();
            pause(GLANCE);
            victim = target.of(up);
        }
        return victim.get();
    }

    /** Lets time pass; what has stood still for long enough goes on. */
    private void pause(Duration time) throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        do {
            long now = System.nanoTime();
            for (ProcessHandle each : List.copyOf(halted.keySet())) {
                if (halted.get(each) <= now) {
                    Fault.STOP.undo(each);
                    halted.remove(each);
                }
            }
            TimeUnit.NANOSECONDS.sleep(Math.max(0, Math.min(GLANCE.toNanos(), end - System.nanoTime())));
        } while (System.nanoTime() < end);
    }

    private boolean succeeded() {
        return !up.process().isAlive() && up.process().exitValue() == 0;
    }

    /** Starts the command again when it has ended before its run. */
    private void goOn() throws IOException, InterruptedException {
        if (up.process().isAlive() || succeeded()) {
            return;
        }
        // What stands still is deaf to the end of its parent.
        for (ProcessHandle each : halted.keySet()) {
            Fault.STOP.undo(each);
        }
        halted.clear();
        if (!Files.exists(up.workDir().resolve("unfinished-run.properties"))) {
            throw up.failed("with " + up.process().exitValue() + ", and its run with it");
        }
        restarts++;
        say("the command ended with " + up.process().exitValue() + "; it is started again");
        up.start();
    }

    private IOException stuck(String what) {
        return new IOException(
                what + " within " + PATIENCE.toSeconds() + " s; the output of ./millrace up is in " + up.output());
    }

    private void say(String line) {
        said.accept(String.format(Locale.ROOT, "%7.1f s  %s", (System.nanoTime() - begin) / 1e9, line));
    }
}
