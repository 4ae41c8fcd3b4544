// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.evaluator.promote.Promotions;
import jakarta.inject.Singleton;
import java.util.List;

/** Shows how good each model is that is promoted: unlike the best accuracy, it falls with a rollback. Thread-safe. */
@Singleton
class PromotedAccuracy {
    /** Gauge with {@link #MODEL}: accuracy of what is promoted under a name, 0 to 1. */
    static final String PROMOTED_ACCURACY = "millrace.evaluator.promoted.accuracy.ratio";

    static final String MODEL = "model";

    private final Promotions promotions;
    private final MultiGauge gauge;
    private List<String> models = List.of();

    PromotedAccuracy(Promotions promotions, MeterRegistry registry) {
        this.promotions = promotions;
        this.gauge = MultiGauge.builder(PROMOTED_ACCURACY)
                .description("Accuracy of what is promoted under a name")
                .register(registry);
    }

    /** There is a meter for each model that something is promoted for now. */
    synchronized void show() {
        List<String> now = promotions.all().stream().map(ModelPromoted::model).toList();
        if (!now.equals(models)) {
            models = now;
            gauge.register(
                    now.stream()
                            .map(model -> MultiGauge.Row.of(Tags.of(MODEL, model), () -> accuracy(model)))
                            .toList(),
                    true);
        }
    }

    private double accuracy(String model) {
        return promotions
                .current(model)
                .map(promotion -> promotion.evaluation().accuracy())
                .orElse(Double.NaN);
    }
}
