// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.process.Child;
import io.millrace.local.report.Measurements;
import io.millrace.local.report.Report;
import io.millrace.local.report.ReportFile;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Stack;
import io.millrace.local.view.View;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Goal;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Outcome;
import io.millrace.local.watch.Processes;
import io.millrace.local.watch.Snapshot;
import io.millrace.local.watch.Standing;
import io.millrace.local.watch.Watch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TimeoutException;

/** One {@code up}, from the first process to the last. {@link #stop} may be called from any thread, {@link #run} once. */
final class Session {
    private static final int SUCCESS = 0;
    private static final int FAILURE = 1;
    private static final Duration LOOK = Duration.ofMillis(50);

    private final Commands commands;
    private final View view;
    private final boolean exitWhenDone;
    private final Optional<ReportFile> reportFile;
    private final Stack stack;
    private final Launch launch;
    private final Processes processes;
    private final Watch watch;
    private final Milestones milestones;
    private final Goal goal = new Goal(Clock.systemUTC());
    private final CountDownLatch stopping = new CountDownLatch(1);
    private boolean stopped;

    Session(Commands commands, View view, boolean exitWhenDone, Optional<ReportFile> reportFile) {
        this.commands = commands;
        this.view = view;
        this.exitWhenDone = exitWhenDone;
        this.reportFile = reportFile;
        this.processes = new Processes(this::show);
        this.stack = new Stack(commands, processes);
        this.launch =
                new Launch(commands.run().model(), Part.workers(commands.workers()), stack::start, processes::ready);
        Endpoints endpoints = new Endpoints(commands.ports(), commands.token());
        String runId = commands.run().runId();
        this.watch = new Watch(endpoints, processes, commands.parts(), runId, this::show, part -> stack.child(part)
                .ifPresent(Child::healthy));
        this.milestones = new Milestones(commands, endpoints, this::show, begun());
    }

    /** When this JVM was started: what a shell script did before, such as building, does not count. */
    private static Instant begun() {
        return Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    }

    /** What happens while everything is being stopped is no news. */
    private void show(Event event) {
        if (stopping.getCount() > 0) {
            view.show(event);
        }
    }

    /** Runs until the goal is reached, or something is broken for good, or somebody stops it. Returns the exit code. */
    int run() throws InterruptedException, IOException {
        show(new Event.Note("work directory " + commands.workDir().path() + ", logs in its folder logs"));
        launch.begin();
        Optional<Integer> exit = Optional.empty();
        Pace pace = Pace.EAGER;
        for (int round = 0; exit.isEmpty(); round++) {
            Snapshot now = pace.asksAll(round) ? watch.poll() : watch.glance();
            launch.proceed(now);
            milestones.check(now);
            exit = processes.failure().isPresent() ? Optional.of(broken()) : progress(now);
            pace = Pace.of(now, milestones.over());
            if (pause(pace.pause(), now)) {
                return FAILURE;
            }
        }
        return exit.get();
    }

    /** True when somebody stops it. What the trainer waits for is looked at more often: every moment is one of the user's. */
    private boolean pause(Duration pause, Snapshot now) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        while (launch.awaitsBroker() && System.nanoTime() < end) {
            if (stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
            watch.look(Part.BROKER);
            launch.proceed(now);
        }
        return stopping.await(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private Optional<Integer> progress(Snapshot now) throws IOException {
        Optional<Outcome> outcome = milestones.over() ? Optional.empty() : goal.check(now);
        if (outcome.isEmpty()) {
            return Optional.empty();
        }
        milestones.runIsOver();
        commands.workDir().unfinishedRun().ended();
        return outcome.get().succeeded()
                ? succeeded(now)
                : failed(now, outcome.get().failure().orElseThrow());
    }

    private Optional<Integer> succeeded(Snapshot now) throws IOException {
        OrderedRun order = now.order().orElseThrow();
        Standing best = now.best(order.runId()).orElseThrow();
        Report report = Report.of(
                order.spec(),
                order.status(),
                best,
                now.served().orElseThrow(),
                milestones.startSeconds(),
                reportFile.isPresent() ? measured(order.spec()) : List.of());
        if (reportFile.isPresent()) {
            reportFile.get().write(report);
        }
        show(new Event.Note("done       " + Summary.of(report)));
        if (!exitWhenDone) {
            show(new Event.Note("the model is served until Ctrl-C"));
        }
        return exitWhenDone ? Optional.of(SUCCESS) : Optional.empty();
    }

    private Collection<MetricPoint> measured(RunSpec run) {
        try {
            return Measurements.of(commands.kafka(), run.incarnation());
        } catch (TimeoutException e) {
            show(new Event.Warning("the report has no curves: " + e.getMessage()));
            return List.of();
        }
    }

    private Optional<Integer> failed(Snapshot now, String reason) {
        show(new Event.Warning("run " + commands.run().runId() + " failed: " + reason));
        boolean trained = now.spec().isPresent();
        return exitWhenDone || !trained ? Optional.of(FAILURE) : Optional.empty();
    }

    private int broken() throws IOException {
        show(new Event.Warning(Broken.why(commands, processes)));
        return FAILURE;
    }

    /** Stops everything, in order. Returns when nothing runs any more. */
    void stop() {
        stopping.countDown();
        synchronized (this) {
            if (stopped) {
                return;
            }
            stopped = true;
            Shutdown.of(stack, view);
        }
    }
}
