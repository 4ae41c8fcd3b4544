// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.evaluator.promote.Promotions;
import jakarta.inject.Singleton;
import java.util.Comparator;

/** Shows how good the model is that was promoted last: unlike the best accuracy, it falls with a rollback. */
@Singleton
class PromotedAccuracy implements MeterBinder {
    /** Gauge: accuracy of the model that was promoted last, 0 to 1; not a number before the first. */
    static final String PROMOTED_ACCURACY = "millrace.evaluator.promoted.accuracy.ratio";

    private final Promotions promotions;

    PromotedAccuracy(Promotions promotions) {
        this.promotions = promotions;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder(PROMOTED_ACCURACY, this, PromotedAccuracy::latest)
                .description("Accuracy of the model that was promoted last")
                .register(registry);
    }

    private double latest() {
        return promotions.all().stream()
                .max(Comparator.comparing(ModelPromoted::promotedAt))
                .map(promotion -> promotion.evaluation().accuracy())
                .orElse(Double.NaN);
    }
}
