// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.batch.Batchers;
import io.millrace.inference.classify.Inference;
import io.millrace.inference.decode.Decoders;
import io.millrace.inference.decode.ImageSource;
import io.millrace.inference.problem.NoSuchModelException;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the protocol asks, whatever carries it. Thread-safe. */
@Singleton
final class OpenInference {
    /** What a server of this protocol says of itself. */
    static final String SERVER = "millrace";

    static final List<String> EXTENSIONS = List.of("binary_tensor_data", "classification");

    private final Inference inference;
    private final ModelRegistry registry;
    private final Decoders decoders;
    private final Batchers batchers;
    private final PictureReader reader;
    private final int maxPixels;

    OpenInference(
            Inference inference,
            ModelRegistry registry,
            Decoders decoders,
            Batchers batchers,
            PictureReader reader,
            InferenceConfig configuration) {
        this.inference = inference;
        this.registry = registry;
        this.decoders = decoders;
        this.batchers = batchers;
        this.reader = reader;
        this.maxPixels = configuration.maxPixels();
    }

    /** Reads a request, on a thread that has time for it. */
    @FunctionalInterface
    interface Reading {
        InferRequest read() throws PictureException;
    }

    /** Whether the threads that answer are alive. */
    boolean live() {
        return decoders.alive() && batchers.alive();
    }

    /** Whether a model can be asked. */
    boolean loaded(WantedModel wanted) {
        try {
            return registry.card(wanted).isPresent();
        } catch (NoSuchModelException e) {
            return false;
        }
    }

    /** Whether there is a model to answer with. */
    boolean ready() {
        return registry.card().isPresent();
    }

    /** What is known of a model; fails where it is not loaded, or none is. */
    ModelMetadata metadata(WantedModel wanted) {
        ModelCard card = registry.card(wanted).orElseThrow(Inference::noModel);
        return ModelMetadata.of(card, registry.cards());
    }

    /** Answers a request; failed as {@link Inference#see} fails. */
    CompletionStage<InferAnswer> infer(Ticket ticket, WantedModel wanted, Reading reading) {
        InferRequest[] request = new InferRequest[1];
        return inference.classify(
                ticket,
                wanted,
                () -> {
                    InferRequest read = reading.read();
                    request[0] = read.withoutValues();
                    return images(read);
                },
                seen -> InferAnswer.of(request[0], seen));
    }

    private List<ImageSource> images(InferRequest request) throws PictureException {
        return request.input().images(maxPixels, reader);
    }
}
