// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.image.Fitted;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.batch.Answer;
import io.millrace.inference.batch.Batchers;
import io.millrace.inference.decode.Decoded;
import io.millrace.inference.decode.Decoders;
import io.millrace.inference.decode.ImageSource;
import io.millrace.inference.decode.ImageSources;
import io.millrace.inference.problem.NoSuchModelException;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ServedModel;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.shadow.Shadow;
import io.millrace.inference.ticket.Places;
import io.millrace.inference.ticket.Ticket;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The one way from a request's images to what the network says of them, whatever the protocol: a place inside, the model, which is
 * chosen once and held to the end, decoding, a batch. Nothing of it is done for a ticket that is over. Thread-safe.
 */
@Singleton
public class Inference {
    private static final Duration NO_MODEL_RETRY = Duration.ofSeconds(5);

    private final Places places;
    private final ModelRegistry registry;
    private final Decoders decoders;
    private final Batchers batchers;
    private final Shadow shadow;
    private final InferenceMetrics metrics;
    private final int maxImages;

    Inference(
            Places places,
            ModelRegistry registry,
            Decoders decoders,
            Batchers batchers,
            Shadow shadow,
            InferenceMetrics metrics,
            InferenceConfig configuration) {
        this.places = places;
        this.registry = registry;
        this.decoders = decoders;
        this.batchers = batchers;
        this.shadow = shadow;
        this.metrics = metrics;
        this.maxImages = configuration.maxImages();
    }

    /**
     * What the network saw, and says.
     *
     * @param lease on the model that answered; open until what is made of this is done
     * @param decoded the images as the network took them
     * @param answer about each of them
     */
    public record Seen(ServedModel.Lease lease, Decoded decoded, Answer answer) {
        /** The model that answered. */
        public ModelCard model() {
            return lease.card();
        }

        /** One of the images, from 0. */
        public Fitted image(int index) {
            return decoded.images().get(index);
        }

        private List<byte[]> samples() {
            return Inference.samples(decoded);
        }
    }

    /**
     * Names the classes of images, as {@link #see} does; what the model's shadow says of them is found out afterwards.
     *
     * @param use what is answered; quick
     */
    public <R> CompletionStage<R> classify(
            Ticket ticket, WantedModel wanted, ImageSources images, Function<Seen, R> use) {
        return see(ticket, wanted, images, seen -> {
            R answer = use.apply(seen);
            metrics.classified(seen.model().version(), Duration.ofNanos(System.nanoTime() - ticket.wholeAt()));
            shadow.compare(seen.model(), seen.samples(), seen.answer().predictions());
            return CompletableFuture.completedStage(answer);
        });
    }

    /**
     * Shows images to a network. Decodes and computes on threads of their own.
     *
     * @param wanted which network
     * @param images at least one
     * @param use what is made of the answer, on a thread that computes networks: it has to be quick, or go on elsewhere
     * @return what was made of it; failed with {@link PictureException} when an image cannot be taken (the message says which), with
     *     {@link UnavailableException} when there is no model or no room, with {@link NoSuchModelException} when the wanted one is not
     *     loaded, and with the ticket's reason as soon as it is over
     */
    public <R> CompletionStage<R> see(
            Ticket ticket, WantedModel wanted, ImageSources images, Function<Seen, CompletionStage<R>> use) {
        Places.Place place;
        try {
            place = places.take();
        } catch (UnavailableException e) {
            return CompletableFuture.failedStage(e);
        }
        ServedModel.Lease lease;
        try {
            lease = registry.lease(wanted).orElseThrow(Inference::noModel);
        } catch (UnavailableException | NoSuchModelException e) {
            place.close();
            return CompletableFuture.failedStage(e);
        }
        CompletionStage<R> work = decoders.decode(
                        ticket, () -> asManyAsMayBe(images.open()), lease.card().input())
                .thenCompose(decoded -> ask(ticket, lease, decoded))
                .thenCompose(use)
                .whenComplete((result, failure) -> {
                    lease.close();
                    place.close();
                });
        return ticket.answer(work);
    }

    /** What is said where nothing is served. */
    public static UnavailableException noModel() {
        return new UnavailableException(
                Refusal.NO_MODEL,
                "no model is loaded yet; one is as soon as a checkpoint was promoted",
                NO_MODEL_RETRY);
    }

    private List<ImageSource> asManyAsMayBe(List<ImageSource> images) throws PictureException {
        if (images.size() > maxImages) {
            throw new PictureException(
                    PictureException.Reason.TOO_LARGE,
                    images.size() + " images in one request; at most " + maxImages + " are taken");
        }
        return images;
    }

    private CompletionStage<Seen> ask(Ticket ticket, ServedModel.Lease lease, Decoded decoded) {
        ticket.waitsFor(Ticket.Stage.NETWORK);
        return batchers.submit(ticket, lease, samples(decoded)).thenApply(answer -> new Seen(lease, decoded, answer));
    }

    private static List<byte[]> samples(Decoded decoded) {
        return decoded.images().stream()
                .map(Fitted::picture)
                .map(Picture::samples)
                .toList();
    }
}
