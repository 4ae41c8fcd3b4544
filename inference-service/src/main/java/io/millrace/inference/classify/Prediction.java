// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Calibration;
import io.millrace.inference.registry.ModelCard;
import io.millrace.model.Predictions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The answer for one image.
 *
 * @param label of the most probable class
 * @param probability of that class, 0 to 1
 * @param calibrated whether a probability of 0.9 means that nine in ten of such answers are right, as far as the validation
 *     split of the model's run can tell
 * @param top the most probable classes, best first
 * @param model name of the model that answered
 * @param version id of its checkpoint
 * @param requestId what this answer is called, for {@code POST /feedback}
 * @param field of the form that the image came in; left out where it came in none, or alone
 * @param name of its file; left out as well, and where it has none
 * @param timing where the time went
 * @param warnings why the answer should not be trusted; left out where there are none
 */
public record Prediction(
        String label,
        double probability,
        boolean calibrated,
        List<Candidate> top,
        String model,
        String version,
        String requestId,
        @JsonInclude(JsonInclude.Include.NON_NULL) String field,
        @JsonInclude(JsonInclude.Include.NON_NULL) String name,
        Timing timing,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> warnings) {
    /**
     * One class.
     *
     * @param label its name
     * @param probability 0 to 1
     */
    public record Candidate(String label, double probability) {}

    /**
     * Milliseconds of the request; images of one request share them.
     *
     * @param queueMs waiting, for a core to decode on and for the network
     * @param decodeMs reading and converting all images
     * @param inferMs in the network, in calls shared with other requests
     */
    public record Timing(double queueMs, double decodeMs, double inferMs) {}

    /**
     * The best classes of one image; the lower class first where two are equal.
     *
     * @param requestId what an answer with a class is called
     */
    static Prediction of(
            Predictions predictions,
            int image,
            int top,
            ModelCard model,
            UnaryOperator<String> requestId,
            Timing timing,
            List<String> warnings) {
        float[] probabilities = predictions.probabilities(image, model.temperature());
        List<Candidate> candidates = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer index) -> -probabilities[index]))
                .limit(top)
                .map(index -> new Candidate(model.classes().get(index), probabilities[index]))
                .toList();
        Candidate best = candidates.get(0);
        return new Prediction(
                best.label(),
                best.probability(),
                model.calibration().isPresent(),
                candidates,
                model.name(),
                model.version(),
                requestId.apply(best.label()),
                null,
                null,
                timing,
                warnings(warnings, predictions, image, model));
    }

    /** The same, with where its image stood. */
    Prediction from(UploadedFiles.Place place) {
        return new Prediction(
                label,
                probability,
                calibrated,
                top,
                model,
                version,
                requestId,
                place.field(),
                place.name(),
                timing,
                warnings);
    }

    /** What speaks against the answer for one of the images that were seen. */
    public static List<String> warnings(Inference.Seen seen, int image) {
        return warnings(seen.image(image).warnings(), seen.answer().predictions(), image, seen.model());
    }

    /** What speaks against the answer for one image: what was found when it was read, and what its energy says. */
    static List<String> warnings(List<String> reading, Predictions predictions, int image, ModelCard model) {
        return Stream.concat(reading.stream(), unfamiliar(predictions.energy(image), model))
                .toList();
    }

    private static Stream<String> unfamiliar(double energy, ModelCard model) {
        return model
                .calibration()
                .map(Calibration::familiarity)
                .filter(known -> energy < known.threshold())
                .map(known -> String.format(
                        Locale.ROOT,
                        "the image may show none of the classes: its energy score is %.2f, and %.0f %% of the images that"
                                + " the model was validated on have %.2f or more",
                        energy,
                        100 * known.rate(),
                        known.threshold()))
                .stream();
    }
}
