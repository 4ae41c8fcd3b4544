// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;

/** Why a broker that is there will not have us. It does not pass by waiting, but an operator can end it at any time. */
public final class Refusal {
    /** A container's name is there when the container is: nothing is wrong with such a setting. */
    private static final String NOT_THERE_YET = "No resolvable bootstrap urls";

    private Refusal() {}

    /** What the broker objects to, and the remedy; empty when it is not the broker that objects. */
    public static Optional<String> of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional<String> refusal = one(cause);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> one(Throwable cause) {
        if (cause instanceof SaslAuthenticationException) {
            return Optional.of("Kafka refuses the user or the password (" + cause.getMessage()
                    + "); check kafka.sasl.jaas.config and kafka.sasl.mechanism");
        }
        if (cause instanceof SslAuthenticationException || cause instanceof SSLException) {
            return Optional.of("the TLS handshake with Kafka fails (" + innermost(cause)
                    + "); check the broker's certificate and kafka.ssl.truststore.*, or kafka.ssl.keystore.* where it"
                    + " asks for one of ours");
        }
        if (cause instanceof TopicAuthorizationException topics) {
            return Optional.of("Kafka does not allow this user the topics " + topics.unauthorizedTopics()
                    + "; grant them as docs/managed-kafka.md lists");
        }
        if (cause instanceof GroupAuthorizationException group) {
            return Optional.of("Kafka does not allow this user the group \"" + group.groupId()
                    + "\"; grant it as docs/managed-kafka.md lists");
        }
        if (cause instanceof TransactionalIdAuthorizationException) {
            return Optional.of("Kafka does not allow this user the transactional ids that it writes with; grant them as"
                    + " docs/managed-kafka.md lists");
        }
        if (cause instanceof AuthorizationException) {
            return Optional.of(
                    "Kafka does not allow this: " + cause.getMessage() + "; grant it as docs/managed-kafka.md lists");
        }
        if (cause instanceof ConfigException && !cause.getMessage().startsWith(NOT_THERE_YET)) {
            return Optional.of("the settings under kafka.* cannot be used (" + cause.getMessage() + "); mend them");
        }
        return Optional.empty();
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }
}
