// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.tune.Halving.Rung;
import io.millrace.local.tune.Halving.Standing;
import io.millrace.local.watch.OrderedRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A search over the runs of a stack. It remembers nothing: where it is follows from the runs and their curves, so whoever begins
 * it again goes on. At each look, trials that are to reach the next rung and do not go on are made to, and others stopped. Not
 * thread-safe.
 */
public final class Search {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Halving halving;
    private final List<Trial> trials;
    private final Setting setting;
    private final Pool pool;
    private final Map<String, Figure> figures = new HashMap<>();
    private long answered = System.nanoTime();

    /**
     * @param trials as many as the first rung has
     * @param setting of all of them
     */
    public Search(Halving halving, List<Trial> trials, Setting setting, Pool pool) {
        this.halving = halving;
        this.trials = List.copyOf(trials);
        this.setting = setting;
        this.pool = pool;
    }

    /**
     * Looks at all trials and does what is due.
     *
     * @return what was seen; empty when nobody answered
     * @throws Refusal when a run is another one than its trial, is refused, or nobody answers for a while
     */
    public Optional<Look> look() throws InterruptedException {
        Optional<List<OrderedRun>> answer = pool.runs();
        if (answer.isEmpty()) {
            if (System.nanoTime() - answered > PATIENCE.toNanos()) {
                throw new Refusal("the stack has not answered for " + PATIENCE.toMinutes()
                        + " minutes. ./millrace status says how it stands; the same command goes on with the search");
            }
            return Optional.empty();
        }
        answered = System.nanoTime();
        Map<String, OrderedRun> known =
                answer.get().stream().collect(Collectors.toMap(OrderedRun::runId, Function.identity(), (a, b) -> b));
        List<Optional<OrderedRun>> runs = trials.stream()
                .map(trial -> Optional.ofNullable(known.get(trial.runId())))
                .toList();
        List<Course> courses = IntStream.range(0, trials.size())
                .mapToObj(trial -> runs.get(trial)
                        .map(run -> course(trials.get(trial), run))
                        .orElse(new Course(List.of(), Optional.empty())))
                .toList();
        Look look = new Look(halving, trials, runs, courses, halving.standing(courses));
        for (int trial = 0; trial < trials.size(); trial++) {
            steer(look, trial);
        }
        return Optional.of(look);
    }

    private void steer(Look look, int trial) throws InterruptedException {
        Optional<OrderedRun> run = look.runs().get(trial);
        boolean wanted = look.isWanted(trial);
        if (run.isEmpty()) {
            if (wanted) {
                pool.order(trials.get(trial));
            }
        } else if (!run.get().ended() && run.get().stopped() == wanted) {
            if (wanted) {
                pool.resume(run.get().runId());
            } else {
                pool.stop(run.get().runId());
            }
        }
    }

    /** Stops all trials that go on. */
    public void stop() {
        pool.runs().orElse(List.of()).stream()
                .filter(run -> trials.stream().anyMatch(trial -> trial.runId().equals(run.runId())))
                .filter(run -> !run.ended() && !run.stopped())
                .forEach(run -> pool.stop(run.runId()));
    }

    private Course course(Trial trial, OrderedRun run) {
        RunSpec spec = run.spec();
        if (spec == null) {
            return new Course(List.of(), Optional.ofNullable(run.reason()));
        }
        trial.requireIs(spec, setting);
        List<Figure> reached = new ArrayList<>();
        for (Rung rung : halving.rungs()) {
            Optional<Figure> figure = figure(run, rung.epochs());
            if (figure.isEmpty()) {
                break;
            }
            reached.add(figure.get());
        }
        boolean shortOf = run.ended() && reached.size() < halving.rungs().size();
        return new Course(reached, shortOf ? Optional.of(failure(run, reached.size())) : Optional.empty());
    }

    private String failure(OrderedRun run, int rung) {
        return Optional.ofNullable(run.reason())
                .orElse("it ended without an accuracy on the validation split after epoch "
                        + halving.rungs().get(rung).epochs());
    }

    private Optional<Figure> figure(OrderedRun run, int epoch) {
        String key = run.spec().incarnation() + "/" + epoch;
        boolean there = run.status() != null
                && run.status().step() >= (long) epoch * run.spec().batchesPerEpoch();
        if (there && !figures.containsKey(key)) {
            pool.figure(run.spec(), epoch).ifPresent(figure -> figures.put(key, figure));
        }
        return Optional.ofNullable(figures.get(key));
    }

    /**
     * What was seen of a search at once.
     *
     * @param runs of the trials; empty where there is none yet
     * @param courses of the trials
     */
    public record Look(
            Halving halving,
            List<Trial> trials,
            List<Optional<OrderedRun>> runs,
            List<Course> courses,
            Standing standing) {
        /** Whether a trial is to go on. */
        public boolean isWanted(int trial) {
            return !standing.decided()
                    && standing.trials().contains(trial)
                    && !courses.get(trial).isOver(standing.rung());
        }

        /** Whether nothing is left to train, and none of it is trained. */
        public boolean isOver() {
            return standing.decided()
                    && runs.stream().flatMap(Optional::stream).allMatch(run -> run.ended() || run.stopped());
        }

        /** The best trial, where it is decided; empty while it is not, and when all failed. */
        public Optional<Integer> winner() {
            return Optional.of(standing)
                    .filter(Standing::decided)
                    .map(decided -> decided.trials().get(0))
                    .filter(best -> courses.get(best).has(halving.rungs().size() - 1));
        }
    }
}
