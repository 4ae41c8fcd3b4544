// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.DeadLetters;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.round.DeltaReader;
import io.millrace.trainer.round.Replicas;
import io.millrace.trainer.training.Trainer.Tools;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * What becomes of deltas that cannot be used: all workers of a run pass over them, and the one that holds their replica
 * dead-letters them, however long that takes, and has its turn again. For the training thread.
 */
final class RefusedDeltas implements DeltaReader.Refused {
    private static final Logger LOGGER = Logger.getLogger(RefusedDeltas.class);

    private final RunSpec run;
    private final Tools tools;
    private final Replicas replicas;

    RefusedDeltas(RunSpec run, Tools tools, Replicas replicas) {
        this.run = run;
        this.tools = tools;
        this.replicas = replicas;
    }

    @Override
    public void refused(int replica, List<ConsumerRecord<String, byte[]>> records, String reason)
            throws InterruptedException, StoppedException {
        boolean held = replicas.holds(replica);
        LOGGER.logf(
                held ? Logger.Level.WARN : Logger.Level.DEBUG,
                "A delta cannot be used. runId=%s replica=%d offset=%d reason=\"%s\"",
                run.runId(),
                replica,
                records.get(0).offset(),
                reason);
        if (!held) {
            return;
        }
        if (replicas.forget(replica)) {
            tools.metrics().turnAgain();
        }
        // Of its own, since most runs never need it.
        try (DeadLetters deadLetters = new DeadLetters(tools.connection(), Topic.DELTAS_DEAD_LETTERS)) {
            for (ConsumerRecord<String, byte[]> record : records) {
                tools.patience().attempt("dead-letter a delta of run " + run.runId(), () -> {
                    deadLetters.send(record, reason);
                    return true;
                });
                tools.metrics().deadLetter();
            }
        }
    }
}
