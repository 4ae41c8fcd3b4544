// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.broker;

import io.millrace.local.Logging;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/** Runs in the broker's process: prepares the storage where it is new, then becomes Kafka's server. */
public final class BrokerMain {
    private BrokerMain() {}

    /**
     * @param arguments the path of {@code server.properties}
     */
    public static void main(String[] arguments) {
        Logging.configure("broker-logging.properties");
        String settings = arguments[0];
        String[] format = {
            "format", "--ignore-formatted", "--cluster-id", Uuid.randomUuid().toString(), "--config", settings
        };
        int code = StorageTool.execute(format, System.out);
        if (code != 0) {
            System.exit(code);
        }
        Kafka.main(new String[] {settings});
    }
}
