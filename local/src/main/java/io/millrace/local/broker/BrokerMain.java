// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.broker;

import io.millrace.local.Logging;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** Runs in the broker's process: prepares the storage where it is new, then becomes Kafka's server. */
public final class BrokerMain {
    /** One for all: no two of these brokers ever form a cluster, and data of an earlier start must fit. */
    private static final String CLUSTER_ID = "bWlsbHJhY2UtbG9jYWwtMQ"; // "millrace-local-1" in Base64

    private BrokerMain() {}

    /**
     * @param arguments the path of {@code server.properties}
     */
    public static void main(String[] arguments) {
        Logging.configure("broker-logging.properties");
        String settings = arguments[0];
        String[] format = {"format", "--ignore-formatted", "--cluster-id", CLUSTER_ID, "--config", settings};
        int code = StorageTool.execute(format, System.out);
        if (code != 0) {
            System.exit(code);
        }
        Kafka.main(new String[] {settings});
    }
}
