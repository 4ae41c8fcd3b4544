// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Attempts;
import io.millrace.trainer.Patience;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.publish.LeftAloneException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * Attempts at the replicas that this worker took over, but for the first one, whose attempts are the run's. One is noted before
 * the first turn of a replica and taken back when that round has ended, or the replica was left in good order: so a replica that
 * whoever takes it dies of ends the run, as its first one does. For the training thread.
 */
final class TurnAttempts implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(TurnAttempts.class);

    private final RunSpec run;
    private final CheckpointStore store;
    private final Patience patience;
    private final boolean leads;
    /** Those that had a turn here. */
    private final Set<Integer> begun = new TreeSet<>();
    /** Those whose first round here has not ended. */
    private final Set<Integer> open = new TreeSet<>();

    private Optional<String> death = Optional.empty();

    /** @param leads whether it is for this worker to end the run; another one leaves the replica to the others */
    TurnAttempts(RunSpec run, CheckpointStore store, Patience patience, boolean leads) {
        this.run = run;
        this.store = store;
        this.patience = patience;
        this.leads = leads;
    }

    /**
     * A turn begins.
     *
     * @param step steps that are done
     */
    void begin(int replica, long step)
            throws InterruptedException, StoppedException, RunFailedException, LeftAloneException {
        if (replica == 0 || begun.contains(replica)) {
            return;
        }
        Attempts attempts = patience.attempt(
                "note an attempt at replica " + replica + " of run " + run.runId(),
                () -> store.noteAttempt(run.incarnation(), replica, step));
        if (attempts.inARow() > RunOpening.TOO_MANY) {
            String reason =
                    "training of replica " + replica + " died " + RunOpening.TOO_MANY + " times in a row at step "
                            + step + attempts.reason().map(said -> ": " + said).orElse(", without a word");
            if (leads) {
                throw new RunFailedException(Outcome.FAILED, reason);
            }
            throw LeftAloneException.unable(reason);
        }
        begun.add(replica);
        open.add(replica);
    }

    /** A round has ended. */
    void reached() {
        clear(open);
    }

    /** Only these are held any more. */
    void retain(Set<Integer> held) {
        Set<Integer> left = new TreeSet<>(open);
        left.removeAll(held);
        clear(left);
        begun.retainAll(held);
    }

    /** This process dies. */
    void died(Throwable of) {
        death = Optional.of(of.toString());
    }

    private void clear(Set<Integer> replicas) {
        for (int replica : Set.copyOf(replicas)) {
            note(() -> store.clearAttempts(run.incarnation(), replica));
            open.remove(replica);
        }
    }

    /** Something for the store that need not succeed. */
    @FunctionalInterface
    private interface Note {
        void write() throws IOException;
    }

    private void note(Note note) {
        try {
            note.write();
        } catch (IOException e) {
            LOGGER.warnf("How the attempt at a replica ended was not noted. runId=%s reason=\"%s\"", run.runId(), e);
        }
    }

    /** Left in good order, unless it died. */
    @Override
    public void close() {
        if (death.isEmpty()) {
            clear(open);
        } else {
            open.forEach(replica -> note(() -> store.noteDeath(run.incarnation(), replica, death.get())));
        }
    }
}
