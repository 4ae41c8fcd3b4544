// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.insight.RunBook;
import io.millrace.local.stack.Connections;
import io.millrace.local.stack.Ports;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.tune.Pool;
import io.millrace.local.tune.Trial;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A running stack as the pool of a search: dataset-service for runs, the topic of curves for figures. Not thread-safe. */
final class StackPool implements Pool, AutoCloseable {
    private static final Duration READING = Duration.ofMinutes(2);

    private final Ports ports;
    private final RunRequests requests;
    private final Endpoints endpoints;
    private final Function<Trial, ObjectNode> order;
    private RunBook book;

    /** @param order the body of {@code POST /runs} */
    StackPool(Ports ports, RunRequests requests, Endpoints endpoints, Function<Trial, ObjectNode> order) {
        this.ports = ports;
        this.requests = requests;
        this.endpoints = endpoints;
        this.order = order;
    }

    @Override
    public Optional<List<OrderedRun>> runs() {
        return endpoints.knownRuns();
    }

    @Override
    public Optional<Figure> figure(RunSpec run, int epoch) {
        if (book == null) {
            book = new RunBook(Connections.of(ports, Map.of(), System.getenv()));
        }
        book.catchUp(READING);
        long step = (long) epoch * run.batchesPerEpoch();
        return book.points(run.incarnation()).stream()
                .filter(point -> point.step() == step && point.validationAccuracy() != null)
                .map(point -> new Figure(
                        point.validationAccuracy(),
                        Optional.ofNullable(point.validationLoss()).orElse(Double.POSITIVE_INFINITY)))
                .findFirst();
    }

    @Override
    public void order(Trial trial) throws InterruptedException {
        requests.post("/runs", order.apply(trial));
    }

    @Override
    public void stop(String runId) {
        endpoints.stop(runId);
    }

    @Override
    public void resume(String runId) {
        endpoints.resume(runId);
    }

    @Override
    public void close() {
        if (book != null) {
            book.close();
        }
    }
}
