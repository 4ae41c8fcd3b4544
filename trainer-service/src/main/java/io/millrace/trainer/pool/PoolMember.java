// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * This worker as a member of the pool: what it reports, what it was handed, what it is at. Between a report and its answer
 * it begins nothing new, so that what the leader hands out to others on the strength of that report stays true.
 * Thread-safe.
 */
final class PoolMember implements Pool {
    private static final Logger LOGGER = Logger.getLogger(PoolMember.class);

    private final String name;
    private final Capacity capacity;
    private final Supplier<List<Demand>> runs;
    private final Leader leader;
    /** Without a sign of life of its own for so long, this worker cannot know whether the others still count on it. */
    private final Duration session;

    private final Map<String, String> unable = new HashMap<>();
    private WorkerReport reported;
    private boolean answered;
    private boolean forgotten;
    private boolean led;
    private Handout handout;
    private PoolView view = PoolView.ALONE;
    private Holding inUse;
    private long alive = System.nanoTime();
    private long comings;

    /**
     * @param name of the worker, for people
     * @param runs that are to be trained, as this process knows them now
     * @param session after which the group gives a silent member up
     */
    PoolMember(String name, Capacity capacity, Supplier<List<Demand>> runs, Leader leader, Duration session) {
        this.name = name;
        this.capacity = capacity;
        this.runs = runs;
        this.leader = leader;
        this.session = session;
    }

    /** What it tells the group now; until the group answers, it begins nothing. */
    synchronized byte[] report() {
        reported = current();
        answered = false;
        forgotten = false;
        return EventCodec.encode(reported);
    }

    /** Whether there is something that the group was not told. */
    boolean hasNews() {
        WorkerReport current = current();
        synchronized (this) {
            return forgotten || answered && current.isNewsAfter(reported);
        }
    }

    private WorkerReport current() {
        List<Demand> demands = runs.get();
        synchronized (this) {
            unable.keySet().retainAll(demands.stream().map(Demand::incarnation).collect(Collectors.toSet()));
            return new WorkerReport(
                    WorkerReport.VERSION,
                    name,
                    Integer.toHexString(demands.hashCode()),
                    capacity.slots(),
                    capacity.memoryBytes(),
                    handout == null ? null : handout.target(),
                    handout != null,
                    inUse,
                    unable);
        }
    }

    /** Hands out, where this worker leads the group. */
    Map<String, byte[]> lead(Map<String, byte[]> reports) {
        Map<String, Handout> answers = leader.answer(runs.get(), reports);
        synchronized (this) {
            led = true;
        }
        Map<String, byte[]> encoded = new TreeMap<>();
        answers.forEach((id, answer) -> encoded.put(id, EventCodec.encode(answer)));
        return encoded;
    }

    /** The group has answered. */
    synchronized void handed(byte[] answer) {
        Handout read = read(answer);
        if (read.refused() != null && !problem().equals(Optional.of(read.refused()))) {
            LOGGER.errorf("The pool refuses this worker, which trains nothing: %s", read.refused());
        }
        PoolView now = new PoolView(led, read.workers(), read.waiting());
        boolean news = handout == null || !handout.held().equals(read.held()) || !view.equals(now);
        LOGGER.logf(
                news ? Logger.Level.INFO : Logger.Level.DEBUG,
                "The pool has come together. worker=%s leader=%s workers=%d holding=%s waiting=%s",
                name,
                led,
                read.workers().size(),
                read.held().map(Holding::toString).orElse("nothing"),
                read.waiting().keySet());
        handout = read;
        view = now;
        comings++;
        led = false;
        answered = true;
        alive = System.nanoTime();
        notifyAll();
    }

    private static Handout read(byte[] answer) {
        try {
            Handout read = EventCodec.decode(answer, Handout.class);
            return read.version() == WorkerReport.VERSION || read.refused() != null
                    ? read
                    : Handout.refusing("the pool's leader answers in format " + read.version()
                            + ", and this worker knows " + WorkerReport.VERSION
                            + ": run the same version of trainer-service everywhere");
        } catch (MalformedEventException e) {
            return Handout.refusing("what the pool's leader answers cannot be read: " + e.getMessage());
        }
    }

    /**
     * The thread that keeps it in the group is alive. Where it was not for a whole session, as in a process that was
     * paused, others have been given what this one had.
     */
    synchronized void beat() {
        if (!isAlive() && handout != null) {
            handout = null;
            forgotten = true;
            LOGGER.warnf(
                    "The worker stood still for %d s or more, and holds nothing until the pool has come together",
                    session.toSeconds());
        }
        alive = System.nanoTime();
    }

    /** It has to join anew: it may go on with what it is at, as long as it can be sure of it, and begins nothing. */
    synchronized void left() {
        answered = false;
    }

    private boolean isAlive() {
        return System.nanoTime() - alive < session.toNanos();
    }

    private boolean isSure() {
        return handout != null && isAlive();
    }

    @Override
    public synchronized Optional<Holding> holding() {
        return isSure() ? handout.held().filter(held -> answered || isAt(held)) : Optional.empty();
    }

    private boolean isAt(Holding held) {
        return inUse != null && inUse.isOf(held.incarnation());
    }

    @Override
    public synchronized Optional<Holding> await(Duration atMost) throws InterruptedException {
        Optional<Holding> held = holding();
        if (held.isEmpty()) {
            wait(atMost.toMillis());
            held = holding();
        }
        return held;
    }

    @Override
    public synchronized boolean begin(Holding holding) {
        // Whoever asked what it holds did so a while ago: the group may have been told since that it is at nothing.
        boolean still =
                answered && isSure() && handout.held().filter(holding::equals).isPresent();
        if (still) {
            inUse = holding;
        }
        return still;
    }

    @Override
    public synchronized void leave() {
        inUse = null;
    }

    @Override
    public synchronized void refuse(String incarnation, String reason) {
        unable.put(incarnation, reason);
    }

    /** Why this worker gets nothing although there may be runs; empty while it may. */
    synchronized Optional<String> problem() {
        return Optional.ofNullable(handout).map(Handout::refused);
    }

    /** Why this worker trains none of the runs that it cannot, one of them; empty where there is none. */
    synchronized Optional<String> leftAlone() {
        return unable.entrySet().stream()
                .map(entry ->
                        "run " + entry.getKey().substring(0, entry.getKey().lastIndexOf('-')) + " is left alone: "
                                + entry.getValue())
                .findFirst();
    }

    /** The pool as this worker knows it; whether it leads counts only while it is sure of it. */
    synchronized PoolView view() {
        return isSure() ? view : new PoolView(false, view.workers(), view.waiting());
    }

    /** How often the group has come together since this worker is of it. */
    synchronized long comings() {
        return comings;
    }
}
