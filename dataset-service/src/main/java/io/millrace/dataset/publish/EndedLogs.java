// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.run.LogLimits;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.kafka.Refusal;
import io.quarkus.logging.Log;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The logs of runs that have ended. They are kept for replay while they are few and fit into one budget, those that ended
 * last first; what is deleted can be published again from the data. Of their deltas nothing is kept: whoever goes on with
 * such a run does so from its checkpoint. Confined to one thread.
 */
final class EndedLogs {
    private final LogTopics topics;
    private final RunRegistry registry;
    private final Limits limits;
    private List<String> looked = List.of();
    /** Runs that have ended and whose deltas are deleted; one that goes on comes in again when it ends. */
    private final Set<String> emptied = new HashSet<>();

    /**
     * What may stay.
     *
     * @param runs how many of the runs that ended last keep their logs
     * @param bytes that those may take together
     */
    record Limits(int runs, long bytes) {
        static Limits of(DatasetConfig config) {
            return new Limits(config.keepRuns(), config.endedLogBudget().asLongValue());
        }
    }

    EndedLogs(LogTopics topics, RunRegistry registry, Limits limits) {
        this.topics = topics;
        this.registry = registry;
        this.limits = limits;
    }

    /** Deletes those that need not stay, when a run has ended since it was looked last. */
    void tidy() {
        List<RunSpec> ended = registry.ended();
        List<String> incarnations = ended.stream().map(RunSpec::incarnation).toList();
        if (incarnations.equals(looked)) {
            return;
        }
        looked = incarnations;
        emptied.retainAll(incarnations);
        for (RunSpec run : ended) {
            if (run.inRounds() && !emptied.contains(run.incarnation())) {
                attempt(() -> {
                    topics.emptyDeltas(run);
                    emptied.add(run.incarnation());
                });
            }
        }
        attempt(() -> topics.delete("a run that ended long ago", surplus(ended)::contains));
    }

    private static void attempt(Runnable deletion) {
        try {
            deletion.run();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            // It takes up room and does no harm.
            Log.warnf(
                    "A log of an ended run could not be deleted; it is tried again when another one ends. reason=\"%s\"",
                    Refusal.of(e).orElse(e.getMessage()));
        }
    }

    /** The newest stays, whatever its size: it has a budget of its own. */
    private Set<String> surplus(List<RunSpec> newestFirst) {
        Set<String> surplus = new HashSet<>();
        long bytes = 0;
        for (int k = 0; k < newestFirst.size(); k++) {
            RunSpec run = newestFirst.get(k);
            bytes += k < limits.runs() ? LogLimits.recordBytes(run) * topics.records(run) : 0;
            if (k > 0 && (k >= limits.runs() || bytes > limits.bytes())) {
                surplus.add(run.incarnation());
            }
        }
        return surplus;
    }
}
