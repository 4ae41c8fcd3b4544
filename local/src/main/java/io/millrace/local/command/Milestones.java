// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.sample.SamplePicture;
import io.millrace.local.sample.TestBatches;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What is done once in a session, when the time has come. Not thread-safe. */
final class Milestones {
    /** A picture to play with is not worth more. */
    private static final int SAMPLE_ATTEMPTS = 3;

    private final Commands commands;
    private final Endpoints endpoints;
    private final Consumer<Event> sink;
    private final Instant begin;
    private final Set<String> dropped = new HashSet<>();
    private boolean known;
    private boolean alone;
    private boolean opened;
    private int attempts;
    private boolean over;
    private double startSeconds = -1;

    Milestones(Commands commands, Endpoints endpoints, Consumer<Event> sink, Instant begin) {
        this.commands = commands;
        this.endpoints = endpoints;
        this.sink = sink;
        this.begin = begin;
    }

    void check(Snapshot now) {
        if (!known && now.spec().isPresent()) {
            known = true;
            explainFallback(now.spec().get());
        }
        if (!alone && known) {
            alone = stopEarlierRuns();
        }
        if (startSeconds < 0 && now.training().map(TrainerRun::step).orElse(0L) > 0) {
            startSeconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
            sink.accept(new Event.Note("first training step after " + startSeconds + " s"));
        }
        if (!opened && now.served().isPresent() && now.spec().isPresent()) {
            open(now.spec().get());
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

    /**
     * Runs are trained in their order, and this one is not to wait for what an earlier start left behind. What comes after
     * it was ordered by somebody who is about, and stays. Returns whether none is left.
     */
    private boolean stopEarlierRuns() {
        String own = commands.run().runId();
        List<OrderedRun> runs = endpoints.runs();
        List<OrderedRun> earlier =
                runs.stream().takeWhile(run -> !run.runId().equals(own)).toList();
        List<OrderedRun> unfinished =
                earlier.stream().filter(run -> !run.ended()).toList();
        for (OrderedRun run : unfinished) {
            if (dropped.add(run.runId())) {
                sink.accept(
                        new Event.Note("run " + run.runId() + " of an earlier start was not finished; it is dropped, "
                                + "since this start asks for another one"));
            }
            endpoints.delete(run);
        }
        // No answer is no news, nor is one without the own run.
        return unfinished.isEmpty() && earlier.size() < runs.size();
    }

    private void open(RunSpec run) {
        Optional<Event.Sample> sample = sample(run);
        attempts++;
        if (sample.isEmpty() && attempts < SAMPLE_ATTEMPTS) {
            return;
        }
        opened = true;
        sink.accept(new Event.Open(
                commands.ports().uri(Part.INFERENCE),
                commands.ports().uri(Part.DATASET),
                commands.ports().uri(Part.EVALUATOR).resolve("/leaderboard"),
                sample));
    }

    private Optional<Event.Sample> sample(RunSpec run) {
        Optional<ImageBatch> batch =
                TestBatches.first(commands.kafka(), run.dataset().digest());
        if (batch.isEmpty()) {
            return Optional.empty();
        }
        SamplePicture picture = SamplePicture.first(batch.get(), run.dataset());
        Path file = commands.workDir().path().resolve("sample.png");
        try {
            picture.write(file);
        } catch (IOException e) {
            // Nothing that a stack has to stop for.
            return Optional.empty();
        }
        String curl = "curl -F file=@" + Shell.path(file) + " "
                + commands.ports().uri(Part.INFERENCE).resolve("/classify");
        return Optional.of(new Event.Sample(curl, picture.label()));
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
