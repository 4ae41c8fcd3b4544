// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.RunSpec;
import io.millrace.local.stack.Part;
import io.millrace.local.watch.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The order in which the processes start.
 *
 * <p>inference-service is told which model it is to serve, since others may lie in the same work directory; where that
 * depends on the data set that can be had, it starts when the run is known. The trainer starts when the broker is there, and
 * everything else that can be started before: from its first step on it wants every processor, and the threads of a step
 * wait for each other, so that JVMs that are still starting then would cost the training more than they take. It does not
 * wait for the run, since its own start takes longer than what is left of the others'. Not thread-safe.
 */
final class Launch {
    private final Optional<String> model;
    private final List<Part> workers;
    private final Starter starter;
    private final Predicate<Part> ready;
    private boolean serving;
    private boolean complete;

    /** Starts processes. */
    @FunctionalInterface
    interface Starter {
        /** Starts one of them, with further configuration. */
        void start(Part part, Map<String, String> configuration);
    }

    /**
     * @param model the model to serve, where it is known before the run
     * @param workers the trainers
     * @param starter starts processes
     * @param ready whether a process does its work
     */
    Launch(Optional<String> model, List<Part> workers, Starter starter, Predicate<Part> ready) {
        this.model = model;
        this.workers = workers;
        this.starter = starter;
        this.ready = ready;
    }

    /** Starts what needs to know nothing more. */
    void begin() {
        List.of(Part.BROKER, Part.DATASET, Part.EVALUATOR).forEach(part -> starter.start(part, Map.of()));
        model.ifPresent(this::serve);
    }

    /** Starts what can be started by now. */
    void proceed(Snapshot now) {
        if (!serving) {
            now.spec().map(RunSpec::model).ifPresent(this::serve);
        }
        if (!complete && ready.test(Part.BROKER)) {
            workers.forEach(worker -> starter.start(worker, Map.of()));
            complete = true;
        }
    }

    /** Whether the broker is waited for. */
    boolean awaitsBroker() {
        return !complete;
    }

    private void serve(String name) {
        starter.start(Part.INFERENCE, Map.of("millrace.inference.model", name));
        serving = true;
    }
}
