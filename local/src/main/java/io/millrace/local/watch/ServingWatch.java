// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.local.stack.Part;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks what serves how it stands, over and over, and tells what is new. Not thread-safe. */
public final class ServingWatch {
    private final Endpoints endpoints;
    private final Processes processes;
    private final Collection<Part> parts;
    private final Consumer<Event> sink;
    private final Consumer<Part> becameReady;
    private ServedVersion served;

    /**
     * @param endpoints where to ask
     * @param processes what is known of the processes
     * @param parts those that were started
     * @param sink takes what is new
     * @param becameReady is told when a process does its work
     */
    public ServingWatch(
            Endpoints endpoints,
            Processes processes,
            Collection<Part> parts,
            Consumer<Event> sink,
            Consumer<Part> becameReady) {
        this.endpoints = endpoints;
        this.processes = processes;
        this.parts = parts;
        this.sink = sink;
        this.becameReady = becameReady;
    }

    /** Asks once; returns what is served, or was last. */
    public Optional<ServedVersion> poll() {
        for (Part part : parts) {
            if (processes.polled(part, endpoints.condition(part))) {
                becameReady.accept(part);
            }
        }
        endpoints.models().stream()
                .findFirst()
                .filter(now -> !now.equals(served))
                .ifPresent(now -> {
                    served = now;
                    sink.accept(new Event.Serving(now));
                });
        sink.accept(new Event.Tick());
        return Optional.ofNullable(served);
    }
}
