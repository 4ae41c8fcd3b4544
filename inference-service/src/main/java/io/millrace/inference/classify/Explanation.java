// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.contracts.event.Nearest;
import io.millrace.image.Fitted;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.inference.decode.ImageSource;
import io.millrace.inference.decode.ImageSources;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One request from its image to the pixels that speak for an answer. It is answered first, as every other; then explanations take
 * turns on a thread of their own, so that they never take more than one core from the answers. Thread-safe.
 */
@Singleton
public class Explanation {
    private static final int MOST_NAMED = 20;

    private final Inference inference;
    private final ExecutorService turns = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "explaining");
        thread.setDaemon(true);
        return thread;
    });

    Explanation(Inference inference) {
        this.inference = inference;
    }

    @PreDestroy
    void stop() {
        turns.shutdown();
    }

    /** What is explained, with the picture as the network saw it. */
    record Found(Fitted image, Heat heat, Explained explained) {}

    /**
     * Explains an answer.
     *
     * @param images one
     * @param wanted the class to be explained; null: the answer
     * @return failed as {@link Inference#see} fails, and with {@link PictureException} when there is no such class
     */
    CompletionStage<Found> explain(Ticket ticket, ImageSources images, String wanted) {
        return inference.see(ticket, WantedModel.ANY, () -> one(images.open()), seen -> {
            ticket.waitsFor(Ticket.Stage.EXPLANATION);
            return CompletableFuture.supplyAsync(() -> explained(ticket, seen, wanted), turns);
        });
    }

    private static List<ImageSource> one(List<ImageSource> images) throws PictureException {
        if (images.size() > 1) {
            throw new PictureException(
                    Reason.MALFORMED, "there are " + images.size() + " images; one image is explained at a time");
        }
        return images;
    }

    private static Found explained(Ticket ticket, Inference.Seen seen, String wanted) {
        if (ticket.isOver()) {
            throw new CancellationException("nobody waits for this explanation any more");
        }
        Fitted image = seen.image(0);
        Predictions predictions = seen.answer().predictions();
        int label = wanted == null
                ? predictions.predicted(0)
                : index(wanted, seen.model().classes());
        Heat heat = seen.lease().classifier().explain(image.picture().samples(), label);
        return new Found(image, heat, Explained.of(label, predictions, heat, seen.model(), image));
    }

    private static int index(String wanted, List<String> classes) {
        int index = classes.indexOf(wanted);
        if (index < 0) {
            throw new CompletionException(new PictureException(
                    Reason.MALFORMED,
                    "class \"" + wanted + "\" is none of the model's; the nearest is \"" + Nearest.of(classes, wanted)
                            + "\", and there are "
                            + (classes.size() > MOST_NAMED
                                    ? classes.size() + ", such as " + classes.subList(0, MOST_NAMED)
                                    : classes)));
        }
        return index;
    }
}
