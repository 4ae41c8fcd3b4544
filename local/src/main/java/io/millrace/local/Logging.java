// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

/** Chooses how this process logs. To be called before the first logger is made. */
public final class Logging {
    private Logging() {}

    /**
     * Logs as a resource says.
     *
     * @param resource name of a {@code logging.properties} beside this class
     */
    public static void configure(String resource) {
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        System.setProperty(
                "logging.configuration", Logging.class.getResource(resource).toString());
    }
}
