// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.test.ServiceProcess;
import java.net.http.HttpResponse;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Clients that ask without a pause while one model after the other is promoted, and what is wrong with the answers: a failure, a version
 * that was left before the request began, or one that was not promoted yet when it ended.
 */
final class Swaps {
    private static final int CLIENTS = 6;

    private final ServiceProcess service;
    private final byte[] image;
    private final List<CheckpointRef> promotions;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Map<String, DoubleSummaryStatistics> probabilities = new ConcurrentHashMap<>();
    /** Index of the promotion that is served for sure, and of the newest that may be. */
    private volatile int served;

    private volatile int promoted;
    private volatile boolean enough;
    private final AtomicInteger answers = new AtomicInteger();

    /**
     * Swaps to come.
     *
     * @param promotions in their order; the first is served already
     */
    Swaps(ServiceProcess service, byte[] image, List<CheckpointRef> promotions) {
        this.service = service;
        this.image = image;
        this.promotions = promotions;
    }

    /** Promotes one after the other, each when the one before is served and was asked for a while. */
    void run(Promoter promoter, String model) throws InterruptedException {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        for (int k = 0; k < CLIENTS; k++) {
            clients.execute(this::ask);
        }
        for (int next = 1; next < promotions.size(); next++) {
            String version = promotions.get(next).checkpointId();
            promoted = next;
            promoter.promote(model, promotions.get(next));
            await().until(() ->
                    service.json("/models").findPath("version").asText().equals(version));
            served = next;
            int before = answers.get();
            await().until(() -> answers.get() >= before + 2 * CLIENTS);
        }
        enough = true;
        clients.shutdown();
        assertThat(clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private void ask() {
        while (!enough) {
            int from = served;
            HttpResponse<String> response = InferenceProcess.classify(service, image);
            int to = promoted;
            if (response.statusCode() != 200) {
                wrong.add(response.statusCode() + " " + response.body());
            } else {
                check(ServiceProcess.json(response), from, to);
            }
            answers.incrementAndGet();
        }
    }

    private void check(JsonNode answer, int from, int to) {
        String version = answer.path("version").asText();
        if (promotions.subList(from, to + 1).stream()
                .noneMatch(ref -> ref.checkpointId().equals(version))) {
            wrong.add(version + " answered between promotions " + from + " and " + to);
        }
        DoubleSummaryStatistics seen = probabilities.computeIfAbsent(version, first -> new DoubleSummaryStatistics());
        synchronized (seen) {
            seen.accept(answer.path("probability").asDouble());
        }
    }

    /** What was wrong with answers; empty when nothing was. */
    Queue<String> wrong() {
        return wrong;
    }

    /** What each version answered to the one image, by its id. */
    Map<String, DoubleSummaryStatistics> probabilities() {
        return probabilities;
    }

    /** How far the answers of one version are apart, at the most: they are computed in calls of different sizes. */
    double largestSpread() {
        return probabilities.values().stream()
                .mapToDouble(seen -> seen.getMax() - seen.getMin())
                .max()
                .orElseThrow();
    }

    /** How far the answers of two versions are apart, at the least. */
    double leastDistance() {
        double[] averages = probabilities.values().stream()
                .mapToDouble(DoubleSummaryStatistics::getAverage)
                .sorted()
                .toArray();
        return IntStream.range(1, averages.length)
                .mapToDouble(k -> averages[k] - averages[k - 1])
                .min()
                .orElseThrow();
    }
}
