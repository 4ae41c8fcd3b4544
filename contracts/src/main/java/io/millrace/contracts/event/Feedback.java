// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.time.Instant;

/**
 * What somebody says that an image shows about which inference-service was asked. Of several about one answer the last one holds.
 *
 * @param requestId of the answer
 * @param model that answered
 * @param version id of its checkpoint
 * @param predicted the class that was answered
 * @param label the class that is right
 * @param answeredAt when it was asked
 * @param givenAt when this was said
 * @param byOperator whether who said it may change what is served; not said of before
 */
public record Feedback(
        String requestId,
        String model,
        String version,
        String predicted,
        String label,
        Instant answeredAt,
        Instant givenAt,
        Boolean byOperator)
        implements Keyed {
    public Feedback {
        Fields.present(requestId, "requestId");
        Fields.present(model, "model");
        Fields.present(version, "version");
        Fields.present(predicted, "predicted");
        Fields.present(label, "label");
        Fields.present(answeredAt, "answeredAt");
        Fields.present(givenAt, "givenAt");
        byOperator = Boolean.TRUE.equals(byOperator);
    }

    /** By somebody who may not. */
    public Feedback(
            String requestId,
            String model,
            String version,
            String predicted,
            String label,
            Instant answeredAt,
            Instant givenAt) {
        this(requestId, model, version, predicted, label, answeredAt, givenAt, false);
    }

    @Override
    public String key() {
        return model;
    }
}
