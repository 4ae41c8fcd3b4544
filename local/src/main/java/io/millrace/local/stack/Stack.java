// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import io.millrace.local.process.Backoff;
import io.millrace.local.process.Child;
import io.millrace.local.process.ChildListener;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A broker and four services, running. Thread-safe. */
public final class Stack implements AutoCloseable {
    /** The trainer writes a checkpoint when it is asked to end, and allows itself 20 seconds for it. */
    private static final Duration GRACE = Duration.ofSeconds(25);

    private final Map<Part, Child> children = new EnumMap<>(Part.class);
    private boolean closed;

    /**
     * Prepares the processes; none runs yet.
     *
     * @param commands what they are
     * @param listener is told what happens to them
     */
    public Stack(Commands commands, ChildListener listener) {
        try {
            for (Part part : Part.values()) {
                children.put(part, new Child(commands.of(part), Backoff.DEFAULT, listener));
            }
        } catch (IOException e) {
            throw new Refusal("the broker's settings cannot be written: " + e.getMessage(), e);
        }
    }

    /** Starts the broker and then, without waiting for it, the services: they wait for it themselves. */
    public synchronized void start() {
        for (Part part : List.of(Part.BROKER, Part.DATASET, Part.TRAINER, Part.EVALUATOR, Part.INFERENCE)) {
            if (closed) {
                return;
            }
            try {
                children.get(part).start();
            } catch (IOException e) {
                throw new Refusal(part.label() + " cannot be started: " + e.getMessage(), e);
            }
        }
    }

    public Child child(Part part) {
        return children.get(part);
    }

    /** Stops the services side by side, and then the broker, which they need to end in order. Returns when all are gone. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            Child broker = children.get(Part.BROKER);
            List<Child> services =
                    children.values().stream().filter(child -> child != broker).toList();
            Child.stop(services, GRACE);
            Child.stop(List.of(broker), GRACE);
        } catch (InterruptedException e) {
            // The tether ends whatever still runs, as soon as this process is gone.
            Thread.currentThread().interrupt();
        }
    }
}
