// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.process.Child;
import io.millrace.local.serve.Promotions;
import io.millrace.local.serve.WeightsFile;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Stack;
import io.millrace.local.view.View;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Processes;
import io.millrace.local.watch.ServedVersion;
import io.millrace.local.watch.ServingWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * One {@code serve}, from the first process to the last. {@link #stop} may be called from any thread, {@link #run} once.
 */
final class Serving {
    private static final int FAILURE = 1;

    private final Commands commands;
    private final View view;
    private final Optional<WeightsFile> weights;
    private final Optional<String> model;
    private final Stack stack;
    private final Processes processes;
    private final ServingWatch watch;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private boolean known;
    private boolean open;
    private boolean stopped;

    /**
     * @param parts what is started
     * @param weights what to serve; empty: what is promoted
     * @param model name of it; empty: whichever was promoted last
     */
    Serving(Commands commands, View view, List<Part> parts, Optional<WeightsFile> weights, Optional<String> model) {
        this.commands = commands;
        this.view = view;
        this.weights = weights;
        this.model = model;
        this.processes = new Processes(this::show);
        this.stack = new Stack(commands, processes);
        this.watch = new ServingWatch(
                new Endpoints(commands.ports(), commands.token()), processes, parts, this::show, part -> stack.child(
                                part)
                        .ifPresent(Child::healthy));
    }

    /** What happens while everything is being stopped is no news. */
    private void show(Event event) {
        if (stopping.getCount() > 0) {
            view.show(event);
        }
    }

    /** Runs until something is broken for good, or somebody stops it. Returns the exit code. */
    int run() throws InterruptedException, IOException {
        show(new Event.Note("work directory " + commands.workDir().path() + ", logs in its folder logs"));
        weights.ifPresentOrElse(this::startFile, this::startPromoted);
        Pace pace = Pace.EAGER;
        do {
            Optional<ServedVersion> served = watch.poll();
            if (processes.failure().isPresent()) {
                show(new Event.Warning(Broken.why(commands, processes)));
                return FAILURE;
            }
            if (weights.isEmpty() && !known && processes.ready(Part.BROKER)) {
                requirePromoted();
            }
            if (served.isPresent() && !open) {
                open = true;
                pace = Pace.CALM;
                invite();
            }
        } while (!stopping.await(pace.pause().toMillis(), TimeUnit.MILLISECONDS));
        return FAILURE;
    }

    private void startFile(WeightsFile file) {
        show(new Event.Note("serves " + file.path() + ": " + file.network().name() + " of run " + file.run()
                + ", after step " + file.step()));
        stack.start(
                Part.INFERENCE,
                Map.of("millrace.inference.file", file.path().toAbsolutePath().toString()));
    }

    private void startPromoted() {
        stack.start(Part.BROKER, Map.of());
        stack.start(
                Part.INFERENCE,
                model.map(name -> Map.of("millrace.inference.model", name)).orElse(Map.of()));
    }

    /** Nobody promotes anything here, so what is not there does not come. */
    private void requirePromoted() {
        SortedSet<String> models;
        try {
            models = Promotions.models(commands.kafka());
        } catch (KafkaException e) {
            // It is asked again in the next round.
            return;
        }
        known = true;
        Path path = commands.workDir().path();
        if (models.isEmpty()) {
            throw new Refusal("nothing was promoted in the work directory " + path + " yet: there is nothing to serve. "
                    + "./millrace up trains; ./millrace serve FILE serves a file");
        }
        if (model.isPresent() && !models.contains(model.get())) {
            throw new Refusal("nothing is promoted as " + model.get() + " in the work directory " + path + "; what is: "
                    + String.join(", ", models));
        }
    }

    private void invite() {
        String classify =
                commands.ports().uri(Part.INFERENCE).resolve("/classify").toString();
        show(new Event.Note("classify     POST " + classify));
        Path sample = commands.workDir().path().resolve("sample.png");
        if (Files.exists(sample)) {
            show(new Event.Note(
                    "try it:\n  curl " + commands.token().curl() + "-F file=@" + Shell.path(sample) + " " + classify));
        }
        show(new Event.Note("the model is served until Ctrl-C"));
    }

    /** Stops everything, in order. Returns when nothing runs any more. */
    void stop() {
        stopping.countDown();
        synchronized (this) {
            if (!stopped) {
                stopped = true;
                Shutdown.of(stack, view);
            }
        }
    }
}
