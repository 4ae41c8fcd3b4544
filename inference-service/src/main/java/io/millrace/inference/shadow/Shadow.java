// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.shadow;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.batch.Batchers;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ServedModel;
import io.millrace.inference.registry.ShadowSlot;
import io.millrace.model.Predictions;
import io.quarkus.logging.Log;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Asks a model's shadow about images that were answered: an image at a time, when nobody waits for a network. Few images wait for that,
 * the others are counted and forgotten; whatever goes wrong here, no request hears of it. Thread-safe.
 */
@Singleton
public class Shadow {
    private static final int MOST_WAITING = 64;
    private static final int MOST_FLIPS = 100;

    private final ModelRegistry registry;
    private final ShadowSlot slot;
    private final Batchers batchers;
    private final InferenceMetrics metrics;
    private final double share;
    private final BlockingQueue<Asked> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

    private Agreement agreement = new Agreement("", "");
    private long dropped;
    private String failure;
    private final Pace pace = new Pace();
    /** Version that is asked no more. */
    private volatile String tooSlow;

    private record Asked(String version, String shadow, byte[] image, String answered) {}

    @Inject
    Shadow(
            ModelRegistry registry,
            ShadowSlot slot,
            Batchers batchers,
            InferenceMetrics metrics,
            InferenceConfig configuration) {
        this(registry, slot, batchers, metrics, configuration.shadowShare());
    }

    /**
     * A shadow that has compared nothing.
     *
     * @param share of requests of which it is asked, 0 to 1
     */
    Shadow(ModelRegistry registry, ShadowSlot slot, Batchers batchers, InferenceMetrics metrics, double share) {
        this.registry = registry;
        this.slot = slot;
        this.batchers = batchers;
        this.metrics = metrics;
        this.share = share;
    }

    /**
     * What is known of two versions.
     *
     * @param model whose they are
     * @param version what is answered with
     * @param shadow what is asked beside it
     * @param images of which both were asked, by this replica, since either was loaded
     * @param agreement the part of them of which both said the same, 0 to 1; left out of none
     * @param dropped images of which the shadow should have been asked and was not, or did not answer
     * @param classes that were answered, and how often the shadow named another
     * @param flips what became what, the most frequent first
     * @param problem why the shadow is not asked; left out when it is, or is being loaded
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Comparison(
            String model,
            String version,
            String shadow,
            long images,
            Double agreement,
            long dropped,
            List<Agreement.Answered> classes,
            List<Agreement.Flip> flips,
            String problem) {}

    /**
     * Notes what was answered, so that the shadow is asked the same, if there is one; returns at once.
     *
     * @param live what answered
     * @param images as it took them; not copied
     * @param said of them
     */
    public void compare(ModelCard live, List<byte[]> images, Predictions said) {
        Optional<ModelCard> shadow = slot.card();
        if (shadow.isEmpty()
                || unlike(live, shadow.get()).isPresent()
                || !isServed(live.version())
                || shadow.get().version().equals(tooSlow)
                || ThreadLocalRandom.current().nextDouble() >= share) {
            return;
        }
        for (int k = 0; k < images.size(); k++) {
            String answered = live.classes().get(said.predicted(k));
            Asked asked = new Asked(live.version(), shadow.get().version(), images.get(k), answered);
            if (waiting.offer(asked)) {
                batchers.whenIdle(this::askOne);
            } else {
                drop(InferenceMetrics.FULL, asked);
            }
        }
    }

    private void askOne() {
        Asked asked = waiting.poll();
        if (asked == null) {
            return;
        }
        Optional<ServedModel.Lease> leased = slot.lease();
        if (leased.isEmpty()) {
            return;
        }
        try (ServedModel.Lease lease = leased.get()) {
            if (lease.card().version().equals(asked.shadow)) {
                ask(lease, asked);
            }
        }
    }

    private void ask(ServedModel.Lease lease, Asked asked) {
        ModelCard shadow = lease.card();
        long begin = System.nanoTime();
        try {
            int named = lease.classifier().predict(List.of(asked.image)).predicted(0);
            count(shadow, asked, shadow.classes().get(named));
        } catch (RuntimeException | Error e) {
            // The thread is that of the answers, and goes on.
            failed(shadow, asked, e);
        }
        took(asked, System.nanoTime() - begin);
    }

    /** Requests wait for a call that is under way: a shadow that takes too long again and again is not asked any more. */
    private synchronized void took(Asked asked, long nanos) {
        if (isCurrent(asked) && pace.tooSlow(asked.shadow, nanos)) {
            tooSlow = asked.shadow;
            failure = "the checkpoint " + asked.shadow + " took over " + Pace.SLOW.toMillis() + " ms for an image "
                    + Pace.MOST_SLOW + " times in a row and is asked no more; take a smaller network";
            Log.warnf("Shadow is too slow; what is served stays. reason=\"%s\"", failure);
        }
    }

    /** Logged once, until it answers again. */
    private synchronized void failed(ModelCard shadow, Asked asked, Throwable reason) {
        if (!isCurrent(asked)) {
            return;
        }
        drop(InferenceMetrics.FAILURE, asked);
        if (failure == null) {
            Log.warnf(reason, "Shadow fails; what is served stays. checkpointId=%s", shadow.version());
        }
        failure = "the checkpoint " + shadow.version() + " fails: " + reason;
    }

    private boolean isServed(String version) {
        return registry.card().filter(card -> card.version().equals(version)).isPresent();
    }

    /** Of what is not served or not asked any more nothing is counted. */
    private boolean isCurrent(Asked asked) {
        return isServed(asked.version)
                && slot.card()
                        .filter(card -> card.version().equals(asked.shadow))
                        .isPresent();
    }

    private synchronized void count(ModelCard shadow, Asked asked, String named) {
        if (!isCurrent(asked)) {
            return;
        }
        of(asked.version, shadow.version()).add(asked.answered, named);
        failure = null;
        metrics.compared(shadow.name(), asked.version, shadow.version(), asked.answered, asked.answered.equals(named));
    }

    /** Counts an image that was not compared. */
    private synchronized void drop(String reason, Asked asked) {
        if (!isCurrent(asked)) {
            return;
        }
        of(asked.version, asked.shadow);
        dropped++;
        metrics.shadowDropped(reason);
    }

    /** What was counted of two versions; of others nothing is kept. */
    private Agreement of(String live, String shadow) {
        if (!agreement.isOf(live, shadow)) {
            agreement = new Agreement(live, shadow);
            dropped = 0;
            failure = null;
        }
        return agreement;
    }

    /** What was found out; empty where nothing is served under the name, or nothing is asked beside it. */
    synchronized Optional<Comparison> comparison(String model) {
        Optional<ModelCard> live = registry.card().filter(card -> card.name().equals(model));
        Optional<String> wanted = slot.wanted(model);
        if (live.isEmpty() || wanted.isEmpty()) {
            return Optional.empty();
        }
        boolean known = agreement.isOf(live.get().version(), wanted.get());
        List<Agreement.Answered> classes = known ? agreement.classes() : List.of();
        long images = classes.stream().mapToLong(Agreement.Answered::images).sum();
        long flipped = classes.stream().mapToLong(Agreement.Answered::flipped).sum();
        return Optional.of(new Comparison(
                model,
                live.get().version(),
                wanted.get(),
                images,
                images == 0 ? null : 1 - (double) flipped / images,
                known ? dropped : 0,
                classes,
                known ? agreement.flips(MOST_FLIPS) : List.of(),
                slot.problem()
                        .or(() -> slot.card().flatMap(shadow -> unlike(live.get(), shadow)))
                        .or(() -> Optional.ofNullable(known ? failure : null))
                        .orElse(null)));
    }

    /** Why two models cannot be asked about the same images. */
    private static Optional<String> unlike(ModelCard live, ModelCard shadow) {
        if (shadow.checkpoint().equals(live.checkpoint())) {
            return Optional.of("it is what is served");
        }
        boolean same = shadow.name().equals(live.name())
                && shadow.classes().equals(live.classes())
                && shadow.input().shape().equals(live.input().shape())
                && shadow.input().convention() == live.input().convention();
        return same
                ? Optional.empty()
                : Optional.of("the checkpoint " + shadow.version() + " takes " + taken(shadow) + ", and "
                        + live.version() + ", which is served, " + taken(live)
                        + "; take a checkpoint of a run with the same kind of images and classes");
    }

    private static String taken(ModelCard card) {
        return card.input().convention().name().toLowerCase(Locale.ROOT) + " of "
                + card.input().shape() + " for " + card.classes().size() + " classes";
    }
}
