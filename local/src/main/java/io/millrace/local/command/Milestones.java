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
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What is done once in a session, when the time has come. Not thread-safe. */
final class Milestones {
    /** A picture to play with is not worth more. */
    private static final int SAMPLE_ATTEMPTS = 3;

    private static final int OK = 200;
    private static final int SERVER_ERROR = 500;

    private final Commands commands;
    private final Endpoints endpoints;
    private final Consumer<Event> sink;
    private final Instant begin;
    private boolean known;
    private boolean alone;
    private boolean stopped;
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

    void check(Snapshot now) throws IOException {
        if (!known && now.spec().isPresent()) {
            known = true;
            explainFallback(now.spec().get());
        }
        if (!alone) {
            alone = stopFormerRuns();
        }
        tellStopped(now);
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
        if (commands.run().isFolder()) {
            tellContents(run.dataset().name());
        }
        if (run.dataset().name().equals(wanted) || commands.run().isFolder()) {
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

    private void tellContents(String dataset) {
        endpoints
                .contents(dataset)
                .map(found -> found.lines(dataset))
                .orElse(List.of("the data set is " + dataset + "; dataset-service did not say what is in it"))
                .forEach(line -> sink.accept(new Event.Note(line)));
    }

    /**
     * What an earlier start of this work directory began is not what is asked for now: it is stopped. Whatever else there is
     * was ordered by somebody, and is trained after this one. Returns whether none is left.
     */
    private boolean stopFormerRuns() throws IOException {
        List<String> former = commands.workDir().unfinishedRun().former();
        for (String runId : former) {
            // One that has ended, or never came into the log, is as good as stopped.
            Optional<Integer> answer = endpoints.stop(runId).filter(status -> status < SERVER_ERROR);
            if (answer.isPresent()) {
                commands.workDir().unfinishedRun().stopped(runId);
            }
            if (answer.filter(status -> status == OK).isPresent()) {
                sink.accept(new Event.Note(
                        "run " + runId + " of an earlier start was not finished; it is stopped, since this"
                                + " start asks for another one: ./millrace resume " + runId));
            }
        }
        return commands.workDir().unfinishedRun().former().isEmpty();
    }

    private void tellStopped(Snapshot now) {
        boolean stops = now.order().filter(OrderedRun::stopped).isPresent();
        if (stops != stopped) {
            stopped = stops;
            String runId = commands.run().runId();
            sink.accept(new Event.Note(
                    stops
                            ? "run " + runId + " is stopped; it goes on with ./millrace resume " + runId
                            : "run " + runId + " goes on"));
        }
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
        String curl = "curl " + commands.token().curl() + "-F file=@" + Shell.path(file) + " "
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
