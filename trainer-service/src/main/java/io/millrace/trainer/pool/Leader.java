// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.trainer.pool.PoolView.WorkerLine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the leader of the group does with the workers' reports: it answers each with what it is to hold. What somebody is
 * still at, nobody else is given: it is withheld until the one has left it, which it says by a report. A worker that
 * reports in another format is given nothing, and told why. Immutable.
 */
final class Leader {
    private final Allocator allocator;

    Leader(Allocator allocator) {
        this.allocator = allocator;
    }

    /**
     * @param runs that are to be trained
     * @param reports by the members' ids, as they came
     */
    Map<String, Handout> answer(Collection<Demand> runs, Map<String, byte[]> reports) {
        Map<String, WorkerReport> understood = new TreeMap<>();
        Map<String, String> refused = new TreeMap<>();
        reports.forEach((member, report) -> {
            try {
                understood.put(member, read(report));
            } catch (MalformedEventException e) {
                refused.put(member, e.getMessage());
            }
        });
        Allocation allocation = allocator.allocate(
                runs,
                understood.entrySet().stream()
                        .map(entry -> worker(entry.getKey(), entry.getValue()))
                        .toList());
        List<WorkerLine> lines = new ArrayList<>();
        understood.forEach((member, report) -> lines.add(new WorkerLine(
                report.worker(),
                report.slots(),
                report.memoryBytes(),
                allocation.of(member).orElse(null),
                report.inUse(),
                null)));
        refused.forEach((member, why) -> lines.add(new WorkerLine(member, 0, null, null, null, why)));
        Map<String, Handout> answers = new TreeMap<>();
        understood.keySet().forEach(member -> {
            Optional<Holding> target = allocation.of(member);
            answers.put(
                    member,
                    new Handout(
                            WorkerReport.VERSION,
                            null,
                            target.orElse(null),
                            target.flatMap(all -> without(all, inUseBesides(member, understood)))
                                    .orElse(null),
                            lines,
                            allocation.waiting()));
        });
        refused.forEach((member, why) -> answers.put(member, Handout.refusing(why)));
        return answers;
    }

    private static Worker worker(String member, WorkerReport report) {
        return new Worker(member, report.slots(), report.held(), report.unable());
    }

    private static List<Holding> inUseBesides(String member, Map<String, WorkerReport> reports) {
        return reports.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(member))
                .flatMap(entry -> Optional.ofNullable(entry.getValue().inUse()).stream())
                .toList();
    }

    private static Optional<Holding> without(Holding target, List<Holding> inUse) {
        Set<Integer> taken = inUse.stream()
                .filter(other -> other.isOf(target.incarnation()))
                .flatMap(other -> other.replicas().stream())
                .collect(Collectors.toSet());
        TreeSet<Integer> left = new TreeSet<>(target.replicas());
        left.removeAll(taken);
        return left.isEmpty() ? Optional.empty() : Optional.of(new Holding(target.incarnation(), left));
    }

    private static WorkerReport read(byte[] report) throws MalformedEventException {
        Version version = EventCodec.decode(report, Version.class);
        if (version.version() != WorkerReport.VERSION) {
            throw new MalformedEventException("it reports to the pool in format " + version.version()
                    + ", and the pool's leader knows " + WorkerReport.VERSION
                    + ": run the same version of trainer-service everywhere, or give this one another pool"
                    + " (millrace.trainer.pool.group)");
        }
        return EventCodec.decode(report, WorkerReport.class);
    }

    /** What reports of all versions have. */
    private record Version(int version) {}
}
