// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for a test's own stack. */
public final class FreePorts {
    private FreePorts() {}

    /** Below the range that systems hand out for outgoing connections, so that they stay free. */
    public static Ports find() {
        for (int attempt = 0; attempt < 100; attempt++) {
            Ports ports = new Ports(ThreadLocalRandom.current().nextInt(12_000, 30_000));
            try {
                ports.requireFree(Part.ALL, Duration.ZERO);
                return ports;
            } catch (Refusal e) {
                // taken: try others
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException("no free ports");
    }
}
