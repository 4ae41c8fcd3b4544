// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.round.DeltaReader;
import io.millrace.trainer.round.Replicas;
import io.millrace.trainer.training.Trainer.Tools;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * Looks into the shards of those that keep a run's leading worker waiting: should batches be missing there, only the one that
 * writes about the run can say so. They are looked into again and again while a delta is late: what was there may be gone.
 * For the training thread, except {@link #lacks}.
 */
final class Lookout implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Lookout.class);

    private final RunSpec run;
    private final Tools tools;
    private final Replicas replicas;
    private final DeltaReader deltas;
    private volatile BatchReader reader;
    /** Steps that it has seen. */
    private long looked;
    /** When it was opened, in the round at hand; 0: not yet. */
    private long since;

    Lookout(RunSpec run, Tools tools, Replicas replicas, DeltaReader deltas) {
        this.run = run;
        this.tools = tools;
        this.replicas = replicas;
        this.deltas = deltas;
    }

    /** The step, from 0, that is not in a shard of those that are late; empty while none is missing. Any thread. */
    Optional<Long> lacks() {
        return Optional.ofNullable(reader).flatMap(BatchReader::lacks);
    }

    /**
     * The round is late.
     *
     * @param ledger where it begins
     * @param late what is looked into for so long is looked into anew
     */
    void look(Ledger ledger, Duration late) throws InterruptedException {
        if (reader != null && looked >= deltas.to() && System.nanoTime() - since >= late.toNanos()) {
            close();
        }
        if (reader == null && !open(ledger)) {
            return;
        }
        while (looked < deltas.to() && reader.poll(Duration.ZERO).isPresent()) {
            looked++;
        }
    }

    private boolean open(Ledger ledger) {
        Set<Integer> missing = new TreeSet<>(IntStream.range(0, run.shards())
                .filter(replica -> !deltas.has(replica) && !replicas.holds(replica))
                .boxed()
                .toList());
        if (missing.isEmpty()) {
            return false;
        }
        if (since == 0) {
            LOGGER.infof("Waits for replicas. runId=%s step=%d replicas=%s", run.runId(), ledger.step(), missing);
        }
        since = System.nanoTime();
        reader = new BatchReader(
                tools.connection(),
                run,
                missing,
                ledger.step(),
                ledger.nextOffsets(),
                1,
                tools.config().prefetch().bytes().asLongValue(),
                tools.metrics());
        looked = ledger.step();
        return true;
    }

    /** Nobody keeps it waiting any more. */
    void rest() {
        close();
        since = 0;
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
