// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.contracts.event.RunSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides when a run is done: trained, its final checkpoint scored, the best one promoted and served. Not thread-safe.
 */
public final class Goal {
    /** How long the services may be at it after training without anything new to be seen. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * Somebody may have promoted another checkpoint by hand, so the best one need not be what is served in the end. The
     * promoted one then counts after a while in which nothing changed.
     */
    static final Duration SETTLED = Duration.ofSeconds(20);

    private final Clock clock;
    private List<?> lastSeen = List.of();
    private Instant changedAt;

    public Goal(Clock clock) {
        this.clock = clock;
        this.changedAt = clock.instant();
    }

    /** Looks at the next state of things; empty: there is more to come. */
    public Optional<Outcome> check(Snapshot now) {
        Duration quiet = quiet(now);
        Optional<OrderedRun> order = now.order();
        if (order.filter(OrderedRun::failed).isPresent()) {
            return Optional.of(Outcome.failed(order.get().reason()));
        }
        Optional<TrainerRun> failed = now.training().filter(TrainerRun::failed);
        if (failed.isPresent()) {
            return Optional.of(Outcome.failed(failed.get().reason()));
        }
        if (order.filter(OrderedRun::finished).isEmpty()) {
            return Optional.empty();
        }
        RunSpec run = order.get().spec();
        if (!now.finalEvaluated(run)) {
            return patience(
                    quiet,
                    "the final checkpoint of run " + run.runId()
                            + (run.recipe().averaging() == null ? "" : ", or its average,")
                            + " was not evaluated; evaluator-service"
                            + "'s log says why");
        }
        Optional<String> objection = now.objection(run);
        if (objection.isPresent()) {
            return Optional.of(
                    Outcome.failed("no checkpoint of it was promoted as " + run.model() + ": " + objection.get()));
        }
        Optional<Standing> served = now.promoted(run).filter(now::serves);
        boolean chosen = served.filter(standing -> standing.chosen() && standing.isOf(run))
                .isPresent();
        boolean settled =
                (now.bestOf(run).equals(served) || chosen) && !now.choiceDue(run) || quiet.compareTo(SETTLED) > 0;
        return served.isPresent() && settled
                ? Optional.of(Outcome.success())
                : patience(quiet, unserved(now, run) + " says why");
    }

    private static String unserved(Snapshot now, RunSpec run) {
        if (now.promoted(run).isEmpty()) {
            return "no checkpoint is promoted as " + run.model() + "; evaluator-service's log";
        }
        if (!now.serving()) {
            return "inference-service serves nothing; its log";
        }
        return "checkpoint " + now.promoted(run).get().checkpointId() + " is promoted, but "
                + now.served().map(ServedVersion::version).orElse("none") + " is served; inference-service's log";
    }

    /** How long nothing has changed. */
    private Duration quiet(Snapshot now) {
        List<?> seen = List.of(
                now.order().map(OrderedRun::state).orElse(""),
                now.training().map(TrainerRun::step).orElse(-1L),
                now.standings(),
                now.served(),
                now.serving());
        if (!seen.equals(lastSeen)) {
            lastSeen = seen;
            changedAt = clock.instant();
        }
        return Duration.between(changedAt, clock.instant());
    }

    private static Optional<Outcome> patience(Duration quiet, String reason) {
        return quiet.compareTo(PATIENCE) > 0
                ? Optional.of(Outcome.failed(reason + " (nothing new for " + quiet.toMinutes() + " minutes)"))
                : Optional.empty();
    }
}
