// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.feedback;

import io.millrace.http.auth.ReplicaKey;
import io.millrace.inference.registry.ModelCard;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Names of answers, which any replica can read. Thread-safe. */
@Singleton
public final class AnswerIds {
    private final byte[] key;

    AnswerIds(ReplicaKey key) {
        this.key = key.of("answers");
    }

    /**
     * A name for an answer.
     *
     * @param predicted the class that is answered
     */
    public String name(ModelCard model, String predicted) {
        return new AnswerId(
                        Instant.now(), ThreadLocalRandom.current().nextLong(), model.name(), model.version(), predicted)
                .encoded(key);
    }

    Optional<AnswerId> read(String name) {
        return AnswerId.decoded(name, key);
    }
}
