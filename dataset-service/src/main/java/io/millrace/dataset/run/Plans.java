// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.source.DataSource;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/** What orders of runs would become. Nothing is started, and no broker is needed. Thread-safe. */
@Singleton
public class Plans {
    private final Runs runs;

    Plans(Runs runs) {
        this.runs = runs;
    }

    /**
     * A run as it would be started.
     *
     * @param run all of it; its id means nothing
     * @param data its data set
     */
    public record Plan(RunSpec run, DataSource data) {}

    /**
     * The run of an order.
     *
     * @param body as of {@code POST /runs}
     * @param patience how long to wait for the data set
     * @throws io.millrace.contracts.event.RefusedFieldException when the order will not do
     * @throws RunRefusedException when it is no order, or the data set is not to be had now
     */
    public Plan of(String body, Duration patience) throws InterruptedException {
        return runs.plan(RunOrder.read(body), patience);
    }

    /**
     * The recipe of an order.
     *
     * @throws io.millrace.contracts.event.RefusedFieldException when the order will not do, whatever the data
     */
    Recipe recipe(RunOrder order) {
        return runs.check(order);
    }

    /** The run of an order; empty while its data set was not read, which does not begin because of this. */
    Optional<Plan> ofWhatIsThere(RunOrder order) throws InterruptedException {
        return runs.isThere(order) ? Optional.of(runs.plan(order, Duration.ZERO)) : Optional.empty();
    }
}
