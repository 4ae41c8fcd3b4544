// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.RunSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the services said at one time.
 *
 * @param order the run as dataset-service sees it
 * @param training the run as trainer-service sees it
 * @param standings all evaluated checkpoints, best first
 * @param served what inference-service answers with, or last answered with
 * @param serving whether inference-service is ready and says now what it answers with
 */
public record Snapshot(
        Optional<OrderedRun> order,
        Optional<TrainerRun> training,
        List<Standing> standings,
        Optional<ServedVersion> served,
        boolean serving) {
    /** Nothing is known yet. */
    static final Snapshot NOTHING =
            new Snapshot(Optional.empty(), Optional.empty(), List.of(), Optional.empty(), false);

    public Snapshot {
        standings = List.copyOf(standings);
    }

    /** The run, once it is in the log. */
    public Optional<RunSpec> spec() {
        return order.map(OrderedRun::spec);
    }

    /** The best checkpoint of a run: what the validation split chose, where it did. */
    public Optional<Standing> best(String runId) {
        List<Standing> ofRun = standings.stream()
                .filter(standing -> standing.runId().equals(runId))
                .toList();
        return ofRun.stream().filter(Standing::chosen).findFirst().or(() -> ofRun.stream()
                .findFirst());
    }

    /** The best checkpoint of all runs that can be compared with this one. */
    Optional<Standing> bestOf(RunSpec run) {
        return standings.stream()
                .filter(standing -> standing.model().equals(run.model())
                        && standing.datasetDigest().equals(run.dataset().digest()))
                .findFirst();
    }

    /** The checkpoint that is to be served under a run's name. */
    Optional<Standing> promoted(RunSpec run) {
        return standings.stream()
                .filter(standing -> standing.promoted() && standing.model().equals(run.model()))
                .findFirst();
    }

    /**
     * Why nothing at all is promoted under a run's name, nor is about to be, although it has checkpoints: what is said of
     * its best.
     */
    Optional<String> objection(RunSpec run) {
        return promoted(run).isPresent() || due(run).findAny().isPresent()
                ? Optional.empty()
                : best(run.runId()).map(Standing::objection);
    }

    /** Whether what the validation split chose is about to be promoted. */
    boolean choiceDue(RunSpec run) {
        return due(run).anyMatch(Standing::chosen);
    }

    private Stream<Standing> due(RunSpec run) {
        return standings.stream()
                .filter(standing -> standing.isOf(run) && !standing.promoted() && standing.objection() == null);
    }

    /** Whether the result of a run is scored, and the average beside it where the run keeps one. */
    boolean finalEvaluated(RunSpec run) {
        return standings.stream()
                .filter(standing -> standing.result()
                        && (standing.chosen() || isLast(standing))
                        && standing.checkpointId().equals(CheckpointRef.id(run.incarnation(), standing.step())))
                .anyMatch(result -> run.recipe().averaging() == null
                        || evaluated(CheckpointRef.averageId(run.incarnation(), result.step())));
    }

    /** What was the result before more epochs were asked for is none any more, though the evaluator may learn it later. */
    private boolean isLast(Standing standing) {
        return order.map(OrderedRun::status)
                .filter(status -> status.step() != standing.step())
                .isEmpty();
    }

    private boolean evaluated(String checkpointId) {
        return standings.stream().anyMatch(standing -> standing.checkpointId().equals(checkpointId));
    }

    /** Whether a checkpoint is what is served now. */
    boolean serves(Standing standing) {
        return serving
                && served.filter(model -> model.version().equals(standing.checkpointId()))
                        .isPresent();
    }
}
