// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.sample.SamplePicture;
import io.millrace.local.sample.TestSplit;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Part;
import io.millrace.local.watch.Availability;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Snapshot;
import io.millrace.local.watch.TrainerRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** What is done once in a session, when the time has come. Not thread-safe. */
final class Milestones {
    private final Commands commands;
    private final Endpoints endpoints;
    private final Consumer<Event> sink;
    private final Instant begin;
    private boolean known;
    private boolean opened;
    private boolean over;
    private double startSeconds = -1;

    Milestones(Commands commands, Endpoints endpoints, Consumer<Event> sink, Instant begin) {
        this.commands = commands;
        this.endpoints = endpoints;
        this.sink = sink;
        this.begin = begin;
    }

    void check(Snapshot now) throws IOException {
        if (!known && now.spec().isPresent()) {
            known = true;
            explainFallback(now.spec().get());
            stopEarlierRuns();
        }
        if (startSeconds < 0 && now.training().map(TrainerRun::step).orElse(0L) > 0) {
            startSeconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
            sink.accept(new Event.Note("first training step after " + startSeconds + " s"));
        }
        if (!opened && now.served().isPresent() && now.spec().isPresent()) {
            opened = open(now.spec().get());
        }
    }

    private void explainFallback(RunSpec run) {
        String wanted = commands.run().dataset();
        if (run.dataset().name().equals(wanted)) {
            return;
        }
        String reason = endpoints.datasets().stream()
                .filter(dataset -> dataset.name().equals(wanted) && dataset.reason() != null)
                .map(Availability::reason)
                .findFirst()
                .orElse("dataset-service's log says why");
        sink.accept(new Event.Warning("the data set " + wanted + " cannot be had: " + reason + "\ntraining on "
                + run.dataset().name() + " instead"));
    }

    /** An earlier start may have been stopped in the middle of its run; this one is not to wait for it. */
    private void stopEarlierRuns() {
        for (OrderedRun run : endpoints.runs()) {
            if (!run.runId().equals(commands.run().runId()) && !run.ended() && endpoints.delete(run)) {
                sink.accept(
                        new Event.Note("run " + run.runId() + " of an earlier start was not finished; it is dropped"));
            }
        }
    }

    private boolean open(RunSpec run) throws IOException {
        Optional<ImageBatch> batch = TestSplit.firstBatch(
                commands.ports().bootstrapServers(), run.dataset().digest());
        if (batch.isEmpty()) {
            return false;
        }
        SamplePicture picture = SamplePicture.first(batch.get(), run.dataset());
        Path file = commands.workDir().path().resolve("sample.png");
        picture.write(file);
        String curl = "curl -F file=@" + Shell.path(file) + " "
                + commands.ports().uri(Part.INFERENCE).resolve("/classify");
        sink.accept(new Event.Open(
                commands.ports().uri(Part.INFERENCE),
                commands.ports().uri(Part.DATASET),
                commands.ports().uri(Part.EVALUATOR).resolve("/leaderboard"),
                curl,
                picture.label()));
        return true;
    }

    /** The run has ended, one way or the other. */
    void runIsOver() {
        over = true;
    }

    boolean over() {
        return over;
    }

    /** From the start of this process to the first training step that was seen; -1 before. */
    double startSeconds() {
        return startSeconds;
    }
}
