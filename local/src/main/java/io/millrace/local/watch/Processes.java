// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.local.process.ChildListener;
import io.millrace.local.stack.Part;
import io.millrace.local.watch.Event.Health;
import io.millrace.local.watch.Event.PartChanged;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** How each process stands, from what its watcher and its endpoints say. Thread-safe. */
public final class Processes implements ChildListener {
    private final Consumer<Event> sink;
    private final Map<Part, Health> health = new EnumMap<>(Part.class);
    private final Map<Part, String> details = new EnumMap<>(Part.class);
    private final Set<Part> silent = EnumSet.noneOf(Part.class);
    private String failure;

    public Processes(Consumer<Event> sink) {
        this.sink = sink;
        Arrays.stream(Part.values()).forEach(part -> health.put(part, Health.WAITING));
    }

    @Override
    public void started(String name, long pid) {
        change(part(name), Health.STARTING, "pid " + pid);
    }

    @Override
    public void crashed(String name, int exitCode, Duration restartIn, String lastWords) {
        boolean killed = exitCode > 128;
        String ending = killed ? "was ended by signal " + (exitCode - 128) : "ended with exit code " + exitCode;
        // Who is killed has no chance to say why.
        String words = killed || lastWords.isEmpty() ? "" : "; it said last: " + lastWords;
        change(part(name), Health.RESTARTING, ending + "; restart in " + restartIn.toMillis() / 1000.0 + " s" + words);
    }

    @Override
    public synchronized void gaveUp(String name, String reason) {
        change(part(name), Health.DOWN, reason);
        failure = failure == null ? name + " " + reason : failure;
    }

    /** Why the stack cannot work any more. */
    public synchronized Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** The process whose end is the failure. */
    public synchronized Optional<Part> failed() {
        return health.entrySet().stream()
                .filter(entry -> entry.getValue() == Health.DOWN)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Whether a process does its work, as far as is known. */
    public synchronized boolean ready(Part part) {
        return health.get(part) == Health.READY;
    }

    /** What the endpoints of a process said; true when it has just become ready. */
    synchronized boolean polled(Part part, Condition condition) {
        boolean ready = condition.ready();
        boolean live = condition.live();
        Health before = health.get(part);
        boolean silentBefore = silent.contains(part);
        if (live) {
            silent.remove(part);
        } else {
            silent.add(part);
        }
        if (ready && before != Health.READY) {
            change(part, Health.READY, "");
            return true;
        }
        if (!ready && live) {
            alive(part, before, condition.reason());
        }
        // Once is no news: it may be busy, or it has just ended, which its watcher says better.
        if (!live && silentBefore && before == Health.READY) {
            change(part, Health.NOT_READY, "does not answer, or not as alive; its log says why");
        }
        return false;
    }

    /** It answers, but does not do its work: what it waits for may have become another thing meanwhile. */
    private void alive(Part part, Health before, String said) {
        String reason = said.isEmpty() ? waitingFor(part) : said;
        boolean news = before == Health.NOT_READY && !reason.equals(details.get(part));
        if (news || before == Health.READY || before == Health.STARTING || before == Health.WAITING) {
            change(part, Health.NOT_READY, reason);
        }
    }

    private String waitingFor(Part part) {
        if (health.get(Part.BROKER) != Health.READY) {
            return "waiting for " + Part.BROKER.label();
        }
        return switch (part) {
            case DATASET -> "preparing the data set";
            case INFERENCE -> "waiting for a first model";
            default -> "";
        };
    }

    private synchronized void change(Part part, Health to, String detail) {
        health.put(part, to);
        details.put(part, detail);
        sink.accept(new PartChanged(part, to, detail));
    }

    private static Part part(String name) {
        return Arrays.stream(Part.values())
                .filter(part -> part.label().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
