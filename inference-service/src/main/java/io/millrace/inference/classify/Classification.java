// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.image.ImageException;
import io.millrace.inference.image.PixelGrid;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ServedModel;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One request from its images to its predictions. The model is chosen once, when the request begins, and held until it
 * is answered. Thread-safe.
 */
@Singleton
public class Classification {
    private static final Duration NO_MODEL_RETRY = Duration.ofSeconds(5);
    private static final double NANOS_PER_MILLI = 1e6;

    private final ModelRegistry registry;
    private final InferenceQueue queue;
    private final InferenceMetrics metrics;
    private final int maxImages;

    Classification(
            ModelRegistry registry, InferenceQueue queue, InferenceMetrics metrics, InferenceConfig configuration) {
        this.registry = registry;
        this.queue = queue;
        this.metrics = metrics;
        this.maxImages = configuration.maxImages();
    }

    /**
     * Decodes on the calling thread, classifies on a worker's.
     *
     * @param images at least one
     * @param top how many classes to name, at least 1
     * @return one prediction per image, in order
     * @throws ImageException when one of them cannot be taken; the message says which
     * @throws UnavailableException when there is no model or no room
     */
    CompletionStage<List<Prediction>> classify(List<ImageSource> images, int top) throws ImageException {
        long begin = System.nanoTime();
        if (images.size() > maxImages) {
            throw new ImageException(
                    ImageException.Reason.TOO_LARGE,
                    images.size() + " images in one request; at most " + maxImages + " are taken");
        }
        InferenceQueue.Place place = queue.enter();
        try {
            return classify(images, top, place, begin);
        } catch (ImageException | RuntimeException | Error e) {
            place.close();
            throw e;
        }
    }

    private CompletionStage<List<Prediction>> classify(
            List<ImageSource> images, int top, InferenceQueue.Place place, long begin) throws ImageException {
        ServedModel.Lease lease = registry.lease()
                .orElseThrow(() -> new UnavailableException(
                        "no model is loaded yet; one is as soon as a checkpoint was promoted", NO_MODEL_RETRY));
        try {
            ModelCard model = lease.card();
            List<PixelGrid> fitted = decode(images, model);
            double decodeMs = (System.nanoTime() - begin) / NANOS_PER_MILLI;
            return queue.submit(lease, fitted)
                    .thenApply(answer -> predictions(answer, top, model, decodeMs))
                    .whenComplete((predictions, failure) -> {
                        lease.close();
                        place.close();
                        if (failure == null) {
                            metrics.classified(model.version(), Duration.ofNanos(System.nanoTime() - begin));
                        }
                    });
        } catch (ImageException | RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    private static List<PixelGrid> decode(List<ImageSource> images, ModelCard model) throws ImageException {
        List<PixelGrid> fitted = new ArrayList<>(images.size());
        for (ImageSource image : images) {
            fitted.add(image.fitted(model.input()));
        }
        return fitted;
    }

    private static List<Prediction> predictions(Job.Answer answer, int top, ModelCard model, double decodeMs) {
        Prediction.Timing timing = new Prediction.Timing(
                answer.queueNanos() / NANOS_PER_MILLI, decodeMs, answer.inferNanos() / NANOS_PER_MILLI);
        return Arrays.stream(answer.probabilities())
                .map(row -> Prediction.of(row, top, model, timing))
                .toList();
    }
}
