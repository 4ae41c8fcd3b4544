// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.command.RunRequests.Reply;
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
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.errors.InterruptException;

/** A running stack as the pool of a search: dataset-service for runs, the topic of curves for figures. Not thread-safe. */
final class StackPool implements Pool, AutoCloseable {
    private static final Duration READING = Duration.ofMinutes(2);
    private static final Duration ORDERING = Duration.ofSeconds(90);
    private static final Duration STEERING = Duration.ofSeconds(5);
    private static final int UNKNOWN = 404;
    private static final int CONFLICT = 409;

    private final Ports ports;
    private final RunRequests requests;
    private final Endpoints endpoints;
    private final Function<Trial, ObjectNode> order;
    private final Duration opening;
    private RunBook book;

    /**
     * @param order the body of {@code POST /runs}
     * @param opening how long the curves may take until they can be read at all
     */
    StackPool(
            Ports ports,
            RunRequests requests,
            Endpoints endpoints,
            Function<Trial, ObjectNode> order,
            Duration opening) {
        this.ports = ports;
        this.requests = requests;
        this.endpoints = endpoints;
        this.order = order;
        this.opening = opening;
    }

    @Override
    public Optional<List<OrderedRun>> runs() {
        return endpoints.knownRuns();
    }

    @Override
    public Optional<Figure> figure(RunSpec run, int epoch) throws InterruptedException {
        requireFigures();
        catchUp(READING);
        long step = (long) epoch * run.batchesPerEpoch();
        return book.points(run.incarnation()).stream()
                .filter(point -> point.step() == step && point.validationAccuracy() != null)
                .map(point -> new Figure(
                        point.validationAccuracy(),
                        Optional.ofNullable(point.validationLoss()).orElse(Double.POSITIVE_INFINITY)))
                .findFirst();
    }

    @Override
    public void requireFigures() throws InterruptedException {
        if (book != null) {
            return;
        }
        book = new RunBook(Connections.of(ports, Map.of(), System.getenv()));
        try {
            catchUp(opening);
        } catch (Refusal e) {
            close();
            throw new Refusal(
                    "the curves by which trials are compared cannot be read at " + ports.bootstrapServers()
                            + ", where this command looks for Kafka: " + e.getMessage()
                            + ". It must run on the machine of a stack of ./millrace up; KAFKA_… variables say how a secured"
                            + " broker lets it in",
                    e);
        }
    }

    private void catchUp(Duration patience) throws InterruptedException {
        try {
            book.catchUp(patience);
        } catch (InterruptException e) {
            // Kafka's own is unchecked, and leaves the thread interrupted.
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("while curves were read").initCause(e);
        }
    }

    @Override
    public Answer order(Trial trial) throws InterruptedException {
        return ask("/runs", order.apply(trial), ORDERING, Set.of(CONFLICT));
    }

    @Override
    public Answer stop(String runId) throws InterruptedException {
        return ask("/runs/" + runId + "/stop", null, STEERING, Set.of(UNKNOWN, CONFLICT));
    }

    @Override
    public Answer resume(String runId) throws InterruptedException {
        return ask("/runs/" + runId + "/resume", null, STEERING, Set.of(UNKNOWN, CONFLICT));
    }

    /** @param changed statuses that say that a run is not as it was when somebody looked */
    private Answer ask(String path, ObjectNode body, Duration patience, Set<Integer> changed)
            throws InterruptedException {
        Reply reply = requests.once(path, body, patience);
        if (reply.done()) {
            return Answer.DONE;
        }
        if (reply.silent()) {
            return new Answer(Answer.Kind.SILENT, reply.detail());
        }
        if (changed.contains(reply.status())) {
            return new Answer(Answer.Kind.CHANGED, reply.detail());
        }
        throw new Refusal(reply.detail());
    }

    @Override
    public void close() {
        if (book != null) {
            book.close();
            book = null;
        }
    }
}
