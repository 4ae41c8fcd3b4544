// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.feedback.AnswerIds;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** One request from its images to its predictions. Thread-safe. */
@Singleton
public class Classification {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Inference inference;
    private final AnswerIds ids;

    Classification(Inference inference, AnswerIds ids) {
        this.inference = inference;
        this.ids = ids;
    }

    /**
     * Names the classes of images.
     *
     * @param wanted which model does
     * @param reading what is asked
     * @return failed as {@link Inference#see} fails
     */
    public CompletionStage<Answered> classify(Ticket ticket, WantedModel wanted, Asked.Reading reading) {
        Asked[] asked = new Asked[1];
        return inference.classify(
                ticket,
                wanted,
                () -> {
                    asked[0] = reading.read();
                    return asked[0].choices().taken(asked[0].images());
                },
                seen -> new Answered(
                        asked[0], predictions(seen, asked[0].choices().top())));
    }

    private List<Prediction> predictions(Inference.Seen seen, int top) {
        Prediction.Timing timing = new Prediction.Timing(
                (seen.decoded().queueNanos() + seen.answer().queueNanos()) / NANOS_PER_MILLI,
                seen.decoded().decodeNanos() / NANOS_PER_MILLI,
                seen.answer().inferNanos() / NANOS_PER_MILLI);
        return IntStream.range(0, seen.decoded().images().size())
                .mapToObj(index -> Prediction.of(
                        seen.answer().predictions(),
                        index,
                        top,
                        seen.model(),
                        label -> ids.name(seen.model(), label),
                        timing,
                        seen.image(index).warnings()))
                .toList();
    }
}
