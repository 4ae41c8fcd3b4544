// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import io.millrace.local.process.Child;
import io.millrace.local.process.ChildListener;
import io.millrace.local.process.RestartPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A broker and four services, running. Thread-safe. */
public final class Stack implements AutoCloseable {
    /** The trainer writes a checkpoint when it is asked to end, and allows itself 20 seconds for it. */
    private static final Duration GRACE = Duration.ofSeconds(25);

    private final Commands commands;
    private final ChildListener listener;
    private final Map<Part, Child> children = new EnumMap<>(Part.class);
    private boolean closed;

    /**
     * No process runs yet.
     *
     * @param commands what they are
     * @param listener is told what happens to them
     */
    public Stack(Commands commands, ChildListener listener) {
        this.commands = commands;
        this.listener = listener;
    }

    /**
     * Starts a process, to be called once for each, without waiting for it. The order is free: the services wait for the
     * broker themselves.
     *
     * @param configuration of a service, beside what {@link Commands} says
     * @throws Refusal when it cannot be started
     */
    public synchronized void start(Part part, Map<String, String> configuration) {
        if (closed) {
            return;
        }
        try {
            Child child = new Child(commands.of(part, configuration), RestartPolicy.DEFAULT, listener);
            children.put(part, child);
            child.start();
        } catch (IOException e) {
            throw new Refusal(part.label() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** A process that was started. */
    public synchronized Optional<Child> child(Part part) {
        return Optional.ofNullable(children.get(part));
    }

    /** Stops the services side by side, and then the broker, which they need to end in order. Returns when all are gone. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            Optional<Child> broker = child(Part.BROKER);
            List<Child> services = children.values().stream()
                    .filter(child -> broker.stream().noneMatch(child::equals))
                    .toList();
            Child.stop(services, GRACE);
            Child.stop(broker.stream().toList(), GRACE);
        } catch (InterruptedException e) {
            // The tether ends whatever still runs, as soon as this process is gone.
            Thread.currentThread().interrupt();
        }
    }
}
