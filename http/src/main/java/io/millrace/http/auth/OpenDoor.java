// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jboss.logging.Logger;

/** Ends the start of a service that anybody could reach, and where anybody could do everything. */
@Singleton
final class OpenDoor {
    private static final Logger LOGGER = Logger.getLogger(OpenDoor.class);

    private final AuthConfig config;
    private final Tokens tokens;
    private final VertxHttpConfig http;

    OpenDoor(AuthConfig config, Tokens tokens, VertxHttpConfig http) {
        this.config = config;
        this.tokens = tokens;
        this.http = http;
    }

    /** Before anything of the service begins; nobody listens yet. */
    void check(@Observes @Priority(1) StartupEvent event) {
        if (!tokens.none() || isLoopback(http.host())) {
            return;
        }
        if (!config.allowAnyone()) {
            throw new ConfigurationException("quarkus.http.host is " + http.host()
                    + ", which is not this machine alone, and there are no tokens: whoever reaches this service could change"
                    + " everything. Name tokens with millrace.auth.tokens-file=FILE (deploy/tokens makes one), or listen on"
                    + " 127.0.0.1, or say millrace.auth.allow-anyone=true where something else asks who is there");
        }
        LOGGER.warnf(
                "Whoever reaches this service may do everything. host=%s millrace.auth.allow-anyone=true", http.host());
    }

    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Nobody can listen there either; that is said when it is tried.
            return false;
        }
    }
}
