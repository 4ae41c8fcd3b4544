// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.util.Optional;

/** The processes of {@code ./millrace up}. */
enum Target {
    TRAINER("/trainer-service/"),
    DATASET("/dataset-service/"),
    EVALUATOR("/evaluator-service/"),
    INFERENCE("/inference-service/"),
    BROKER("BrokerMain"),
    /** The command, with which all others end. */
    COMMAND(null);

    private final String sign;

    Target(String sign) {
        this.sign = sign;
    }

    /** Its process; empty while it is not running. */
    Optional<ProcessHandle> of(Up up) {
        if (this == COMMAND) {
            return Optional.of(up.process().toHandle()).filter(ProcessHandle::isAlive);
        }
        return up.process()
                .children()
                .filter(child -> child.info()
                        .commandLine()
                        .filter(line -> line.contains(sign))
                        .isPresent())
                .findFirst();
    }

    String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
