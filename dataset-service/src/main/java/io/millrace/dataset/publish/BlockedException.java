// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.kafka.Refusal;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/** One run alone cannot go on; the message says why, and the remedy. */
final class BlockedException extends RuntimeException {
    private static final List<Class<? extends KafkaException>> OF_ONE_RUN = List.of(
            TopicAuthorizationException.class,
            RecordTooLargeException.class,
            PolicyViolationException.class,
            InvalidConfigurationException.class,
            InvalidReplicationFactorException.class);

    BlockedException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** What the broker objects to about one run's topic; empty when it is about more than that. */
    static Optional<BlockedException> of(KafkaException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (OF_ONE_RUN.contains(cause.getClass())) {
                return Optional.of(new BlockedException(reason(cause, failure), cause));
            }
        }
        return Optional.empty();
    }

    private static String reason(Throwable cause, KafkaException failure) {
        if (cause instanceof RecordTooLargeException) {
            return "Kafka does not take a record of this run (" + cause.getMessage()
                    + "); give its log and the topic of" + " test batches Kafka's default of max.message.bytes";
        }
        return Refusal.of(cause).orElse(failure.getMessage());
    }
}
