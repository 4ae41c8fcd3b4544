// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process that is kept running until it is stopped. Its standard input stays open as long as this JVM lives and is
 * never written to: see {@link io.millrace.local.tether.Tether}. Thread-safe.
 */
public final class Child {
    /** Exit codes of a process that somebody ended (SIGKILL, SIGTERM), as the shell counts: 128 + 9, 128 + 15. */
    private static final Set<Integer> KILLED = Set.of(137, 143);

    private final ChildSpec spec;
    private final RestartPolicy policy;
    private final ChildListener listener;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread watcher;
    private LogWriter log;
    private Process process;
    private Output output;
    private int failures;
    private OptionalLong healthySince = OptionalLong.empty();

    public Child(ChildSpec spec, RestartPolicy policy, ChildListener listener) {
        this.spec = spec;
        this.policy = policy;
        this.listener = listener;
        this.watcher = new Thread(this::keepRunning, "watch-" + spec.name());
        this.watcher.setDaemon(true);
    }

    public String name() {
        return spec.name();
    }

    public LogFile log() {
        return spec.log();
    }

    /** Starts the process, its log begun anew. To be called once. */
    public void start() throws IOException {
        spec.log().rotate();
        log = new LogWriter(spec.log(), LogWriter.LIMIT_BYTES);
        watcher.start();
    }

    /** Says that the process does its work: once it has for a while, what failed before does not count any more. */
    public synchronized void healthy() {
        if (healthySince.isEmpty()) {
            healthySince = OptionalLong.of(System.nanoTime());
            if (spec.makesWay() && process != null) {
                Niceness.raise(process.pid());
            }
        }
    }

    /** The process, while there is one. */
    public synchronized OptionalLong pid() {
        return process == null || !process.isAlive() ? OptionalLong.empty() : OptionalLong.of(process.pid());
    }

    private void keepRunning() {
        try {
            boolean again = true;
            while (again) {
                Process running = launch();
                again = running != null && afterwards(end(running));
            }
        } catch (IOException e) {
            listener.gaveUp(name(), "cannot be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Process launch() throws IOException {
        if (stopping.getCount() == 0) {
            return null;
        }
        process = spec.builder().start();
        output = Output.take(name(), process.getInputStream(), log);
        healthySince = OptionalLong.empty();
        listener.started(name(), process.pid());
        return process;
    }

    /** Waits for the end of a process, and for what it said last; returns its exit code. */
    private int end(Process running) throws InterruptedException {
        int exitCode = running.waitFor();
        output().awaitEnd();
        return exitCode;
    }

    private synchronized Output output() {
        return output;
    }

    /** Whether to start again. */
    private boolean afterwards(int exitCode) throws InterruptedException {
        if (stopping.getCount() == 0) {
            return false;
        }
        int inARow = oneMoreFailure(exitCode);
        if (inARow >= policy.limit()) {
            listener.gaveUp(
                    name(),
                    "ended " + inARow + " times in a row, before it was ready or within "
                            + policy.steady().toSeconds() + " s after, last with exit code " + exitCode);
            return false;
        }
        Duration delay = policy.delay(inARow);
        listener.crashed(name(), exitCode, delay, spec.log().lastWords());
        return !stopping.await(delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Being killed at work says nothing of the program: it is started again however often, only ever later. */
    private synchronized int oneMoreFailure(int exitCode) {
        boolean steady = healthySince.isPresent()
                && System.nanoTime() - healthySince.getAsLong()
                        >= policy.steady().toNanos();
        boolean killedAtWork = healthySince.isPresent() && KILLED.contains(exitCode);
        failures = steady ? 1 : Math.min(failures + 1, killedAtWork ? policy.limit() - 1 : policy.limit());
        return failures;
    }

    /** Asks the process to end (SIGTERM); it is not started again. */
    void askToStop() {
        stopping.countDown();
        // By its handle: the process's own method would close the pipe that its last words come through.
        current().map(Process::toHandle).ifPresent(ProcessHandle::destroy);
    }

    /**
     * Ends processes side by side: all are asked (SIGTERM), and whoever is not gone after a while that they share is ended
     * (SIGKILL). Returns when none is left.
     *
     * @param grace for an orderly end of all
     */
    public static void stop(Collection<Child> children, Duration grace) throws InterruptedException {
        long deadline = System.nanoTime() + grace.toNanos();
        children.forEach(Child::askToStop);
        for (Child child : children) {
            child.awaitStop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
    }

    /**
     * Waits until a process that was asked to end is gone, and ends it (SIGKILL) when it is not after a while.
     *
     * @param grace for an orderly end
     */
    void awaitStop(Duration grace) throws InterruptedException {
        Optional<Process> last = current();
        if (last.isPresent() && !last.get().waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            last.get().toHandle().destroyForcibly();
            last.get().waitFor();
        }
        if (last.isPresent()) {
            output().awaitEnd();
            closeLog();
        }
    }

    private void closeLog() {
        try {
            log.close();
        } catch (IOException e) {
            // Of a log that is complete, or could not be: the process is gone either way.
        }
    }

    private synchronized Optional<Process> current() {
        return Optional.ofNullable(process);
    }
}
