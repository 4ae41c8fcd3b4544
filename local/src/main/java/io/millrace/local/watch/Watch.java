// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.local.stack.Part;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Asks a stack how it stands, over and over, and tells what is new. Not thread-safe. */
public final class Watch {
    private final Endpoints endpoints;
    private final Processes processes;
    private final Collection<Part> parts;
    private final String runId;
    private final Consumer<Event> sink;
    private final Consumer<Part> becameReady;
    private final Set<String> evaluated = new HashSet<>();
    private final Map<Problem, List<String>> problems = new EnumMap<>(Problem.class);
    private Snapshot last = Snapshot.NOTHING;
    private String promoted;
    private List<PoolWorker> workers = List.of();

    /**
     * @param endpoints where to ask
     * @param processes what is known of the processes
     * @param parts those that are started
     * @param runId the run to follow
     * @param sink takes what is new
     * @param becameReady is told when a process does its work
     */
    public Watch(
            Endpoints endpoints,
            Processes processes,
            Collection<Part> parts,
            String runId,
            Consumer<Event> sink,
            Consumer<Part> becameReady) {
        this.endpoints = endpoints;
        this.processes = processes;
        this.parts = parts;
        this.runId = runId;
        this.sink = sink;
        this.becameReady = becameReady;
    }

    /** Asks once about everything. What does not answer counts as unchanged. */
    public Snapshot poll() {
        for (Part part : parts) {
            look(part);
        }
        lookAtWorkers();
        List<Standing> standings = endpoints.leaderboard();
        List<ServedVersion> models = endpoints.models();
        Snapshot now = new Snapshot(
                endpoints.run(runId).or(this::deleted).or(last::order),
                training(),
                standings.isEmpty() ? last.standings() : standings,
                models.stream().findFirst().or(last::served),
                processes.ready(Part.INFERENCE) && !models.isEmpty());
        return advance(now);
    }

    /** Of one there is nothing to tell. */
    private void lookAtWorkers() {
        List<Part> trainers = parts.stream().filter(Part::isTrainer).toList();
        List<PoolWorker> now = trainers.size() < 2
                ? List.of()
                : trainers.stream()
                        .map(endpoints::workers)
                        .filter(known -> !known.isEmpty())
                        .findFirst()
                        .orElse(workers);
        if (!now.equals(workers)) {
            workers = now;
            sink.accept(new Event.Shared(now));
        }
    }

    /** Asks once about the training alone: one request, where {@link #poll} makes eight or more. */
    public Snapshot glance() {
        return advance(new Snapshot(last.order(), training(), last.standings(), last.served(), last.serving()));
    }

    /** A dataset-service that is ready has started the run, or knows it from the log. */
    private Optional<OrderedRun> deleted() {
        return processes.ready(Part.DATASET) && endpoints.unknown(runId)
                ? Optional.of(OrderedRun.deleted(runId, last.spec().orElse(null)))
                : Optional.empty();
    }

    private Optional<TrainerRun> training() {
        return parts.stream()
                .filter(Part::isTrainer)
                .flatMap(worker -> endpoints.training(worker).stream())
                .filter(run -> runId.equals(run.runId()))
                // Those that do not train it know it from its statuses, which are a little older.
                .max(Comparator.comparingLong(TrainerRun::step))
                .or(last::training);
    }

    private Snapshot advance(Snapshot now) {
        tell(now);
        last = now;
        return now;
    }

    /** Asks once whether one of the processes does its work. */
    public void look(Part part) {
        if (processes.polled(part, endpoints.condition(part))) {
            becameReady.accept(part);
        }
    }

    private void tell(Snapshot now) {
        if (last.spec().isEmpty()) {
            now.spec().ifPresent(spec -> sink.accept(new Event.RunKnown(spec)));
        }
        if (!now.training().equals(last.training())) {
            now.training().ifPresent(this::tell);
        }
        now.standings().stream()
                .filter(standing -> standing.runId().equals(runId))
                .sorted(Comparator.comparingLong(Standing::step).thenComparing(Standing::checkpointId))
                .forEach(this::tell);
        if (!now.served().equals(last.served())) {
            now.served().ifPresent(model -> sink.accept(new Event.Serving(model)));
        }
        sink.accept(new Event.Tick());
    }

    private void tell(TrainerRun run) {
        sink.accept(new Event.Trained(run));
        for (Problem problem : Problem.values()) {
            List<String> lines = problem.of(run).orElse(null);
            List<String> before = lines == null ? problems.remove(problem) : problems.put(problem, lines);
            if (lines != null && !lines.equals(before)) {
                sink.accept(new Event.Hindered(problem, lines));
            } else if (lines == null && before != null) {
                sink.accept(new Event.Solved(problem));
            }
        }
    }

    private void tell(Standing standing) {
        if (evaluated.add(standing.checkpointId())) {
            sink.accept(new Event.Evaluated(standing));
        }
        if (standing.promoted() && !standing.checkpointId().equals(promoted)) {
            promoted = standing.checkpointId();
            sink.accept(new Event.Promoted(standing));
        }
    }
}
