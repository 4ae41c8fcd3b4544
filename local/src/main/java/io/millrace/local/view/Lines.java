// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import static io.millrace.local.view.Numbers.clock;
import static io.millrace.local.view.Numbers.fixed;
import static io.millrace.local.view.Numbers.percent;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Event.Health;
import io.millrace.local.watch.PoolWorker;
import io.millrace.local.watch.Standing;
import io.millrace.local.watch.TrainerRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Events as lines of text. Stateless. */
final class Lines {
    private Lines() {}

    /** The lines of an event; none for what is no news by itself. */
    static List<String> of(Event event) {
        if (event instanceof Event.PartChanged changed) {
            return List.of(part(changed));
        } else if (event instanceof Event.RunKnown known) {
            return List.of(run(known.run()));
        } else if (event instanceof Event.Shared shared) {
            return List.of("workers    "
                    + shared.workers().stream()
                            .map(worker -> worker.worker() + " " + holds(worker))
                            .collect(Collectors.joining("; ")));
        } else if (event instanceof Event.Hindered hindered) {
            return problem(hindered.lines());
        } else if (event instanceof Event.Solved solved) {
            return List.of("solved     " + solved.problem().solved());
        } else if (event instanceof Event.Evaluated evaluated) {
            return List.of(evaluated(evaluated.standing()));
        } else if (event instanceof Event.Promoted promoted) {
            return List.of("promoted   " + promoted.standing().checkpointId() + " as "
                    + promoted.standing().model());
        } else if (event instanceof Event.Serving serving) {
            return List.of("serving    " + serving.model().model() + ", version "
                    + serving.model().version());
        } else if (event instanceof Event.Open open) {
            return open(open);
        } else if (event instanceof Event.Note note) {
            return note.text().lines().toList();
        } else if (event instanceof Event.Warning warning) {
            return warning.text().lines().toList();
        }
        return List.of();
    }

    /** The first line says what, the others more of it. */
    private static List<String> problem(List<String> lines) {
        return IntStream.range(0, lines.size())
                .mapToObj(k -> (k == 0 ? "problem    " : "           ") + lines.get(k))
                .toList();
    }

    private static String part(Event.PartChanged changed) {
        String line = pad(changed.part().label()) + " " + health(changed.health());
        return changed.detail().isEmpty() ? line : line + ": " + changed.detail();
    }

    static String pad(String label) {
        return String.format(Locale.ROOT, "%-18s", label);
    }

    static String health(Health health) {
        return switch (health) {
            case WAITING -> "waiting";
            case STARTING -> "starting";
            case READY -> "ready";
            case NOT_READY -> "up, not ready";
            case RESTARTING -> "crashed";
            case DOWN -> "down";
        };
    }

    private static String run(RunSpec run) {
        Recipe recipe = run.recipe();
        return "run        %s: %s (%d training images, %s%d test), %s, recipe %s, %d %s, batch %d, seed %d, %d steps"
                .formatted(
                        run.runId(),
                        run.dataset().name(),
                        run.dataset().trainedSamples(),
                        validation(run),
                        run.dataset().testSamples(),
                        run.network().name(),
                        recipe.name(),
                        run.epochs(),
                        run.epochs() == 1 ? "epoch" : "epochs",
                        recipe.batchSize(),
                        run.seed(),
                        run.steps());
    }

    /** {@code trains quick-1, replicas 0, 1}. */
    static String holds(PoolWorker worker) {
        if (worker.runId() == null) {
            return "trains nothing";
        }
        List<Integer> replicas = worker.replicas() == null ? List.of() : worker.replicas();
        return "trains " + worker.runId() + (replicas.size() == 1 ? ", replica " : ", replicas ")
                + replicas.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String validation(RunSpec run) {
        return run.dataset().validation() == null
                ? ""
                : run.dataset().validation().samples() + " validation, ";
    }

    private static String evaluated(Standing standing) {
        return "evaluated  " + standing.checkpointId() + ": accuracy " + percent(standing.accuracy()) + ", loss "
                + fixed(standing.loss(), 4);
    }

    /** {@code step 120/468  epoch 1/1  812 images/s  loss 0.1034  validation 0.0912, 97.31 %  ETA 0:12}. */
    static String progress(TrainerRun run) {
        StringBuilder line = new StringBuilder()
                .append("step ")
                .append(run.step())
                .append('/')
                .append(run.steps())
                .append("  epoch ")
                .append(run.epoch())
                .append('/')
                .append(run.epochs())
                .append("  ")
                .append(fixed(run.imagesPerSecond(), 0))
                .append(" images/s");
        if (run.loss() != null) {
            line.append("  loss ").append(fixed(run.loss(), 4));
        }
        if (run.validation() != null) {
            line.append("  validation ")
                    .append(fixed(run.validation().loss(), 4))
                    .append(", ")
                    .append(percent(run.validation().accuracy()));
        }
        if (run.stopped()) {
            line.append("  stopped");
        }
        if (run.finished() && run.reason() != null) {
            line.append("  ").append(run.reason());
        }
        if (run.etaSeconds() != null && !run.finished() && !run.failed()) {
            line.append("  ETA ").append(clock(run.etaSeconds()));
        }
        return line.toString();
    }

    private static List<String> open(Event.Open open) {
        List<String> lines = new ArrayList<>(List.of(
                "classify     POST " + open.inference().resolve("/classify"),
                "leaderboard  GET  " + open.leaderboard(),
                "new runs     POST " + open.dataset().resolve("/runs")));
        open.sample().ifPresent(sample -> {
            lines.add("try it (the picture shows " + sample.truth() + "):");
            lines.add("  " + sample.curl());
        });
        return lines;
    }
}
