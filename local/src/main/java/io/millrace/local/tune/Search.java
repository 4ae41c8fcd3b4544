// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.tune.Halving.Rung;
import io.millrace.local.tune.Halving.Standing;
import io.millrace.local.tune.Pool.Answer;
import io.millrace.local.watch.OrderedRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A search over the runs of a stack. It remembers nothing: where it is follows from the runs and their curves, so whoever begins
 * it again goes on. At each look, trials that are to reach the next rung and do not go on are made to, and others stopped. Not
 * thread-safe.
 */
public final class Search {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Halving halving;
    private final List<Trial> trials;
    private final Setting setting;
    private final Pool pool;
    private final Duration patience;
    private final Map<String, Figure> figures = new HashMap<>();
    /** Trials that are trained, as far as is known. */
    private final Set<String> going = ConcurrentHashMap.newKeySet();
    /** Those of them whose order nobody has answered. */
    private final Set<String> ordering = ConcurrentHashMap.newKeySet();

    /** Since when something is not done that should be; null: all is. */
    private Long waiting;

    private volatile boolean begun;
    private volatile boolean ending;

    /**
     * @param trials as many as the first rung has
     * @param setting of all of them
     */
    public Search(Halving halving, List<Trial> trials, Setting setting, Pool pool) {
        this(halving, trials, setting, pool, PATIENCE);
    }

    /** One that waits so long for answers. */
    Search(Halving halving, List<Trial> trials, Setting setting, Pool pool, Duration patience) {
        this.halving = halving;
        this.trials = List.copyOf(trials);
        this.setting = setting;
        this.pool = pool;
        this.patience = patience;
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
            requirePatience("GET /runs gives no answer");
            return Optional.empty();
        }
        List<Optional<OrderedRun>> runs = ofTrials(answer.get());
        requireOwn(runs);
        begun = true;
        note(runs);
        List<Course> courses = new ArrayList<>();
        for (Optional<OrderedRun> run : runs) {
            courses.add(run.isPresent() ? course(run.get()) : new Course(List.of(), Optional.empty()));
        }
        Look look = new Look(halving, trials, runs, courses, halving.standing(courses));
        Optional<String> undone = steer(look);
        if (undone.isEmpty()) {
            waiting = null;
        } else {
            requirePatience(undone.get());
        }
        return Optional.of(look);
    }

    private void requirePatience(String why) {
        waiting = waiting == null ? Long.valueOf(System.nanoTime()) : waiting;
        if (System.nanoTime() - waiting >= patience.toNanos()) {
            throw new Refusal("the stack has not done what the search asks of it for " + patience.toSeconds() + " s: "
                    + why + ". ./millrace status says how it stands; the same command goes on with the search");
        }
    }

    private List<Optional<OrderedRun>> ofTrials(List<OrderedRun> all) {
        Map<String, OrderedRun> known =
                all.stream().collect(Collectors.toMap(OrderedRun::runId, Function.identity(), (a, b) -> b));
        return trials.stream()
                .map(trial -> Optional.ofNullable(known.get(trial.runId())))
                .toList();
    }

    private void requireOwn(List<Optional<OrderedRun>> runs) {
        Dataset data = null;
        for (int trial = 0; trial < trials.size(); trial++) {
            RunSpec spec = runs.get(trial).map(OrderedRun::spec).orElse(null);
            if (spec != null) {
                trials.get(trial).requireIs(spec, setting);
                data = data == null ? spec.dataset() : data;
                trials.get(trial).requireSameData(data, spec.dataset());
            }
        }
    }

    private void note(List<Optional<OrderedRun>> runs) {
        for (int trial = 0; trial < trials.size(); trial++) {
            String runId = trials.get(trial).runId();
            Optional<OrderedRun> run = runs.get(trial);
            if (run.isPresent()) {
                ordering.remove(runId);
            }
            if (run.map(there -> !there.ended() && !there.stopped()).orElse(ordering.contains(runId))) {
                going.add(runId);
            } else {
                going.remove(runId);
            }
        }
    }

    /** @return why something of it was not done now */
    private Optional<String> steer(Look look) throws InterruptedException {
        Optional<String> undone = Optional.empty();
        for (int trial = 0; trial < trials.size() && !ending; trial++) {
            Answer answer = steer(look, trial);
            if (answer.kind() != Answer.Kind.DONE) {
                undone = Optional.of(trials.get(trial).runId() + ": " + answer.why());
            }
            if (answer.kind() == Answer.Kind.SILENT) {
                break;
            }
        }
        return undone;
    }

    private Answer steer(Look look, int trial) throws InterruptedException {
        Optional<OrderedRun> run = look.runs().get(trial);
        boolean wanted = look.isWanted(trial);
        if (run.isEmpty()) {
            return wanted ? order(trials.get(trial)) : Answer.DONE;
        }
        if (run.get().ended() || run.get().stopped() != wanted) {
            return Answer.DONE;
        }
        if (!wanted) {
            return pool.stop(run.get().runId());
        }
        pool.requireFigures();
        going.add(run.get().runId());
        return pool.resume(run.get().runId());
    }

    private Answer order(Trial trial) throws InterruptedException {
        pool.requireFigures();
        going.add(trial.runId());
        ordering.add(trial.runId());
        try {
            Answer answer = pool.order(trial);
            if (answer.kind() != Answer.Kind.SILENT) {
                ordering.remove(trial.runId());
            }
            return answer;
        } catch (Refusal e) {
            ordering.remove(trial.runId());
            going.remove(trial.runId());
            throw e;
        }
    }

    /** Whether the runs were seen to be its own: from then on it orders and steers them. */
    public boolean hasBegun() {
        return begun;
    }

    /**
     * Stops all trials that go on; nothing is ordered or resumed any more. May be called beside {@link #look}.
     *
     * @param within how long a stack that is silent is asked again, and an order that nobody answered is looked for
     */
    public Stopped stop(Duration within) throws InterruptedException {
        ending = true;
        long begin = System.nanoTime();
        Set<String> stopped = new LinkedHashSet<>();
        Map<String, String> left = new LinkedHashMap<>();
        while (stop(stopped, left) && System.nanoTime() - begin < within.toNanos()) {
            Thread.sleep(PAUSE.toMillis());
        }
        return new Stopped(List.copyOf(stopped), left);
    }

    /** @return whether another look may find more to stop */
    private boolean stop(Set<String> stopped, Map<String, String> left) throws InterruptedException {
        left.clear();
        Optional<List<OrderedRun>> answer = pool.runs();
        if (answer.isEmpty()) {
            trials.stream()
                    .map(Trial::runId)
                    .filter(runId -> !begun || going.contains(runId))
                    .filter(runId -> !stopped.contains(runId))
                    .forEach(runId -> left.put(runId, "the stack does not answer"));
            return !left.isEmpty();
        }
        boolean again = false;
        List<Optional<OrderedRun>> runs = ofTrials(answer.get());
        for (int k = 0; k < trials.size(); k++) {
            Trial trial = trials.get(k);
            if (runs.get(k).isEmpty() && ordering.contains(trial.runId())) {
                left.put(trial.runId(), "it was ordered, nobody said what became of that, and it is not there yet");
                again = true;
            } else if (runs.get(k).filter(run -> goesOn(trial, run)).isPresent()) {
                again |= stop(trial.runId(), stopped, left);
            }
        }
        return again;
    }

    private boolean goesOn(Trial trial, OrderedRun run) {
        return !run.ended() && !run.stopped() && (run.spec() == null || trial.is(run.spec(), setting));
    }

    private boolean stop(String runId, Set<String> stopped, Map<String, String> left) throws InterruptedException {
        try {
            Answer answer = pool.stop(runId);
            if (answer.kind() == Answer.Kind.DONE) {
                stopped.add(runId);
            } else if (answer.kind() == Answer.Kind.SILENT) {
                left.put(runId, answer.why());
                return true;
            }
        } catch (Refusal e) {
            left.put(runId, e.getMessage());
        }
        return false;
    }

    /**
     * What became of a search's trials when it was stopped.
     *
     * @param runs ids of those that were stopped
     * @param left ids of those that may go on, each with the reason
     */
    public record Stopped(List<String> runs, Map<String, String> left) {}

    private Course course(OrderedRun run) throws InterruptedException {
        if (run.spec() == null) {
            return new Course(List.of(), Optional.ofNullable(run.reason()));
        }
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

    private Optional<Figure> figure(OrderedRun run, int epoch) throws InterruptedException {
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
