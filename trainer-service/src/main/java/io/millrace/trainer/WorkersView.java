// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.RunStatus;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.pool.PoolView;
import io.millrace.trainer.pool.PoolView.WorkerLine;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What {@code GET /workers} answers.
 *
 * @param workers all of the pool, by their names
 * @param waiting runs that no worker is given to
 */
record WorkersView(List<WorkerView> workers, List<WaitingRun> waiting) {
    /**
     * A worker.
     *
     * @param worker its name
     * @param slots its devices
     * @param memoryBytes that training may take there; absent where it is not known
     * @param runId the run of which it holds replicas; absent: none
     * @param replicas those that it holds; absent: none
     * @param leaves the run that it is still at, and leaves at the next boundary; absent: none
     * @param step steps that the run has done, as it was said last
     * @param steps of the run in all
     * @param imagesPerSecond of the run
     * @param waitRatio part of the time in which the run's training waited for batches, 0 to 1
     * @param refused why it is given nothing; absent: it is not refused
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record WorkerView(
            String worker,
            int slots,
            Long memoryBytes,
            String runId,
            Set<Integer> replicas,
            String leaves,
            Long step,
            Long steps,
            Double imagesPerSecond,
            Double waitRatio,
            String refused) {}

    /**
     * A run that waits.
     *
     * @param runId its id
     * @param reason why it has no worker
     */
    record WaitingRun(String runId, String reason) {}

    /** @param status how the run of an incarnation stands */
    static WorkersView of(PoolView pool, Function<String, Optional<RunStatus>> status) {
        return new WorkersView(
                pool.workers().stream()
                        .sorted((one, other) -> one.worker().compareTo(other.worker()))
                        .map(line -> view(line, status))
                        .toList(),
                new TreeMap<>(pool.waiting())
                        .entrySet().stream()
                                .map(run -> new WaitingRun(run.getKey(), run.getValue()))
                                .toList());
    }

    private static WorkerView view(WorkerLine line, Function<String, Optional<RunStatus>> status) {
        Optional<Holding> holding = Optional.ofNullable(line.target());
        Optional<RunStatus> said = holding.map(Holding::incarnation).flatMap(status);
        boolean moves = line.inUse() != null
                && holding.filter(target -> target.isOf(line.inUse().incarnation()))
                        .isEmpty();
        return new WorkerView(
                line.worker(),
                line.slots(),
                line.memoryBytes(),
                holding.map(Holding::runId).orElse(null),
                holding.map(Holding::replicas).orElse(null),
                moves ? line.inUse().runId() : null,
                said.map(RunStatus::step).orElse(null),
                said.map(RunStatus::steps).orElse(null),
                said.map(RunStatus::imagesPerSecond).orElse(null),
                said.map(RunStatus::waitRatio).orElse(null),
                line.refused());
    }
}
