// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that is to happen in a run. Its time is a step, so that the run gets on between two of them on any machine, and
 * some time after it, so that it may hit whatever a process does then, its start included.
 *
 * @param step the training has reached this one
 * @param after so long after that
 * @param fault what is done
 * @param target to whom
 * @param lasts for how long, where that is limited
 */
record PlannedFault(long step, Duration after, Fault fault, Target target, Duration lasts) {
    private static final int LONGEST_AFTER_MILLIS = 1_500;
    private static final int SHORTEST_MILLIS = 200;
    private static final int LONGEST_MILLIS = 8_000;

    /**
     * A plan: so many faults, spread over a run, the same for the same seed. Each has a stretch of the run of its own, and a
     * random place in it.
     *
     * @param steps of the run; nothing is planned for its last tenth
     * @param faults what may be done
     * @param targets to whom
     */
    static List<PlannedFault> plan(long seed, int count, long steps, List<Fault> faults, List<Target> targets) {
        SplittableRandom random = new SplittableRandom(seed);
        double stretch = 0.9 * steps / count;
        List<PlannedFault> plan = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            plan.add(new PlannedFault(
                    Math.max(1, (long) ((k + random.nextDouble()) * stretch)),
                    Duration.ofMillis(random.nextInt(LONGEST_AFTER_MILLIS)),
                    faults.get(random.nextInt(faults.size())),
                    targets.get(random.nextInt(targets.size())),
                    Duration.ofMillis(random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS))));
        }
        return plan;
    }
}
