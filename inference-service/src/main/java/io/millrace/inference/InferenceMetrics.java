// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.millrace.inference.problem.Refusal;
import io.millrace.kafka.feedback.LiveScore;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of this service. Those of a model version leave with it, so that the registry stays small however many
 * models are promoted. Thread-safe.
 */
@Singleton
public class InferenceMetrics {
    /** Counter of answered requests to {@code /classify} and what other protocols have for it, by {@link #OUTCOME}. */
    public static final String REQUESTS = "millrace.inference.requests";
    /** Histogram: from the moment that a request's body was read to its classification, by {@link #MODEL} and {@link #VERSION}. */
    public static final String REQUEST_DURATION = "millrace.inference.request.duration";
    /** Histogram: images that are ready, waiting for the network. */
    public static final String QUEUE_DURATION = "millrace.inference.queue.duration";
    /** Histogram: images per call of the network. */
    public static final String BATCH_SIZE = "millrace.inference.batch.size";
    /** Gauge: requests taken and not answered. */
    public static final String PENDING_REQUESTS = "millrace.inference.pending.requests";
    /** Counter of requests that were turned away though they were not wrong, by {@link #REASON}. */
    public static final String REFUSALS = "millrace.inference.refusals";
    /** Counter of promotions, by {@link #OUTCOME}. */
    public static final String MODEL_SWAPS = "millrace.inference.model.swaps";
    /** Gauge, always 1: what is served, by {@link #MODEL}, {@link #VERSION} and {@link #RUN}. */
    public static final String MODEL_INFO = "millrace.inference.model.info";
    /** Gauge: when the served model began to serve, seconds since 1970. */
    public static final String MODEL_LOADED = "millrace.inference.model.loaded.timestamp";

    /** Gauge: answers of which somebody said what is right, by {@link #MODEL} and {@link #VERSION}. */
    public static final String FEEDBACK_ANSWERS = "millrace.inference.feedback.answers";
    /** Gauge: the part of them that was right, 0 to 1, by {@link #MODEL} and {@link #VERSION}. */
    public static final String FEEDBACK_ACCURACY = "millrace.inference.feedback.accuracy.ratio";
    /** Gauge: what it is at least, and at most, with a confidence of 95 %, by {@link #BOUND} as well. */
    public static final String FEEDBACK_BOUND = "millrace.inference.feedback.accuracy.bound.ratio";

    /**
     * Counter of images of which a shadow was asked, by {@link #MODEL}, {@link #VERSION}, {@link #SHADOW}, the class that was answered
     * ({@link #LABEL}), and {@link #OUTCOME}: {@link #AGREED} or {@link #FLIPPED}. It begins anew when either version changes.
     */
    public static final String SHADOW_IMAGES = "millrace.inference.shadow.images";
    /** Counter of images of which a shadow should have been asked, by {@link #REASON}: {@link #FULL} or {@link #FAILURE}. */
    public static final String SHADOW_DROPPED = "millrace.inference.shadow.dropped";
    /** Counter of shadows, by {@link #OUTCOME}. */
    public static final String SHADOW_LOADS = "millrace.inference.shadow.loads";

    public static final String SHADOW = "shadow";
    public static final String LABEL = "label";
    public static final String AGREED = "agreed";
    public static final String FLIPPED = "flipped";
    /** So many waited already. */
    public static final String FULL = "full";

    public static final String BOUND = "bound";
    public static final String LOW = "low";
    public static final String HIGH = "high";
    public static final String OUTCOME = "outcome";
    public static final String REASON = "reason";
    public static final String MODEL = "model";
    public static final String VERSION = "version";
    public static final String RUN = "run";

    public static final String SUCCESS = "success";
    public static final String FAILURE = "failure";
    /** The request was wrong. */
    public static final String INVALID = "invalid";
    /** There was no room, or no model. */
    public static final String REJECTED = "rejected";
    /** There was no answer within the deadline. */
    public static final String LATE = "late";
    /** The client left before the answer. */
    public static final String ABORTED = "aborted";

    private static final String BOUNDS = "What that part is at least and at most, with a confidence of 95 %";

    private final MeterRegistry registry;
    private final Timer queueDuration;
    private final DistributionSummary batchSize;
    private volatile LiveScores scores = version -> LiveScore.NONE;
    private final Map<String, ModelMeters> models = new ConcurrentHashMap<>();

    private final Map<Tags, Counter> comparisons = new ConcurrentHashMap<>();

    private record ModelMeters(Timer duration, List<Meter> all) {}

    public InferenceMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.queueDuration = timer(QUEUE_DURATION, "Images that are ready, waiting for the network", Tags.empty());
        this.batchSize = DistributionSummary.builder(BATCH_SIZE)
                .description("Images per call of the network")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256)
                .register(registry);
        List.of(SUCCESS, INVALID, REJECTED, LATE, FAILURE, ABORTED).forEach(this::requests);
        List.of(Refusal.values()).forEach(this::refusals);
        List.of(SUCCESS, FAILURE).forEach(this::swaps);
        List.of(SUCCESS, FAILURE).forEach(this::shadows);
        List.of(FULL, FAILURE).forEach(this::dropped);
    }

    /** Counts a request that came to an end. */
    public void requested(String outcome) {
        requests(outcome).increment();
    }

    /** Counts a request that was turned away though it was not wrong. */
    public void refused(Refusal refusal) {
        refusals(refusal).increment();
    }

    /** Notes a call of the network. */
    public void ran(int images) {
        batchSize.record(images);
    }

    /** Notes how long a request's images waited for the network. */
    public void queued(Duration waited) {
        queueDuration.record(waited);
    }

    /** Notes a classified request; the meters of a version that has left stay away. */
    public void classified(String version, Duration duration) {
        ModelMeters meters = models.get(version);
        if (meters != null) {
            meters.duration.record(duration);
        }
    }

    /** Shows how many requests are pending. */
    public void showPending(IntSupplier pending) {
        Gauge.builder(PENDING_REQUESTS, pending, IntSupplier::getAsInt)
                .description("Requests taken and not answered")
                .strongReference(true)
                .register(registry);
    }

    /** Shows what people say of versions. */
    public void showFeedback(LiveScores known) {
        scores = known;
    }

    /** Counts a promotion. */
    public void swapped(String outcome) {
        swaps(outcome).increment();
    }

    /** Shows a model that is about to serve, and nothing of any other from now on. */
    public void served(String model, String version, String runId, Instant loadedAt) {
        models.keySet().forEach(this::retire);
        compareAnew();
        models.put(version, meters(version, Tags.of(MODEL, model, VERSION, version), runId, loadedAt));
    }

    /** Notes what a shadow said of an image, beside what was answered. */
    public void compared(String model, String version, String shadow, String label, boolean agreed) {
        Tags tags = Tags.of(
                MODEL, model, VERSION, version, SHADOW, shadow, LABEL, label, OUTCOME, agreed ? AGREED : FLIPPED);
        comparisons
                .computeIfAbsent(tags, each -> Counter.builder(SHADOW_IMAGES)
                        .description("Images of which a shadow was asked, by the class that was answered")
                        .tags(each)
                        .register(registry))
                .increment();
    }

    /** Shows nothing of comparisons any more that were made until now. */
    public void compareAnew() {
        comparisons.keySet().forEach(tags -> registry.remove(comparisons.remove(tags)));
    }

    /** Counts an image of which a shadow was not asked, or did not answer. */
    public void shadowDropped(String reason) {
        dropped(reason).increment();
    }

    /** Counts a shadow. */
    public void shadowLoaded(String outcome) {
        shadows(outcome).increment();
    }

    private void retire(String version) {
        models.remove(version).all.forEach(registry::remove);
    }

    private ModelMeters meters(String version, Tags tags, String runId, Instant loadedAt) {
        Timer duration =
                timer(REQUEST_DURATION, "From the moment that a request's body was read to its classification", tags);
        Gauge info = Gauge.builder(MODEL_INFO, () -> 1)
                .description("What is served")
                .tags(tags.and(RUN, runId))
                .register(registry);
        double seconds = loadedAt.toEpochMilli() / 1000.0;
        Gauge loaded = Gauge.builder(MODEL_LOADED, () -> seconds)
                .description("When the served model began to serve")
                .baseUnit("seconds")
                .register(registry);
        Gauge answers =
                score(FEEDBACK_ANSWERS, "Answers of which somebody said what is right", tags, version, LiveScore::all);
        Gauge accuracy =
                score(FEEDBACK_ACCURACY, "Of these, the part that was right", tags, version, LiveScore::accuracy);
        Gauge low = score(FEEDBACK_BOUND, BOUNDS, tags.and(BOUND, LOW), version, LiveScore::low);
        Gauge high = score(FEEDBACK_BOUND, BOUNDS, tags.and(BOUND, HIGH), version, LiveScore::high);
        return new ModelMeters(duration, List.of(duration, info, loaded, answers, accuracy, low, high));
    }

    private Gauge score(String name, String description, Tags tags, String version, ToDoubleFunction<LiveScore> value) {
        return Gauge.builder(name, () -> value.applyAsDouble(scores.of(version)))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private Timer timer(String name, String description, Tags tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(10))
                .register(registry);
    }

    private Counter requests(String outcome) {
        return Counter.builder(REQUESTS)
                .description("Answered requests")
                .tag(OUTCOME, outcome)
                .register(registry);
    }

    private Counter refusals(Refusal refusal) {
        return Counter.builder(REFUSALS)
                .description("Requests that were turned away though they were not wrong")
                .tag(REASON, refusal.reason())
                .register(registry);
    }

    private Counter swaps(String outcome) {
        return Counter.builder(MODEL_SWAPS)
                .description("Promotions followed")
                .tag(OUTCOME, outcome)
                .register(registry);
    }

    private Counter shadows(String outcome) {
        return Counter.builder(SHADOW_LOADS)
                .description("Shadows followed")
                .tag(OUTCOME, outcome)
                .register(registry);
    }

    private Counter dropped(String reason) {
        return Counter.builder(SHADOW_DROPPED)
                .description("Images of which a shadow was not asked, or did not answer")
                .tag(REASON, reason)
                .register(registry);
    }
}
