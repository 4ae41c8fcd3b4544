// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.insight.ClassificationReport;
import io.millrace.evaluator.insight.ConfusionPlot;
import io.millrace.evaluator.insight.ConfusionPlot.Theme;
import io.millrace.evaluator.insight.Mistakes;
import io.millrace.evaluator.insight.ReportText;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.score.Misclassified;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code GET /evaluations/{id}} and what hangs on it. */
@Path("/evaluations/{checkpointId}")
@Produces(MediaType.APPLICATION_JSON)
public class EvaluationResource {
    private static final String PNG = "image/png";
    private static final int MOST_ON_A_PAGE = 500;
    private static final int MOST_DIGITS = 15;

    private final Leaderboard leaderboard;
    private final Mistakes mistakes;

    EvaluationResource(Leaderboard leaderboard, Mistakes mistakes) {
        this.leaderboard = leaderboard;
        this.mistakes = mistakes;
    }

    /**
     * Some of a checkpoint's mistakes.
     *
     * @param checkpointId whose
     * @param samples of the test split
     * @param total mistakes among them, of the classes that were asked for
     * @param mistakes of this page, the worst first
     * @param next the address of the next page; absent on the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(String checkpointId, int samples, int total, List<Mistake> mistakes, String next) {}

    /**
     * One mistake.
     *
     * @param n its place, the worst is 0
     * @param index of the sample in the test split, from 0
     * @param label the true class
     * @param predicted what the network takes it for
     * @param probability that it gives the predicted class, 0 to 1; as the network answers, not calibrated
     * @param labelProbability that it gives the true class
     * @param image the address of its picture
     * @param cam the address of its picture with where the network looked
     */
    public record Mistake(
            int n,
            int index,
            String label,
            String predicted,
            double probability,
            double labelProbability,
            String image,
            String cam) {}

    @GET
    @Operation(summary = "The whole evaluation of a checkpoint, with its confusion matrix")
    public EvaluationCompleted evaluation(String checkpointId) {
        return leaderboard
                .find(checkpointId)
                .orElseThrow(() -> new NotFoundException("no checkpoint \"" + checkpointId + "\" has been evaluated"));
    }

    @GET
    @Path("/misclassified")
    @Operation(
            summary = "The samples of the test split that a checkpoint takes for something else, the worst first: the"
                    + " less it gives the true class, the worse",
            description =
                    "label and predicted narrow it down to those of one true class, and those that are taken for one")
    public Page misclassified(
            String checkpointId,
            @QueryParam("label") String label,
            @QueryParam("predicted") String predicted,
            @QueryParam("from") @DefaultValue("0") String from,
            @QueryParam("count") @DefaultValue("50") String count) {
        EvaluationCompleted evaluation = evaluation(checkpointId);
        int first = number("from", from, 0, Integer.MAX_VALUE);
        int length = number("count", count, 1, MOST_ON_A_PAGE);
        requireClass("label", label, evaluation);
        requireClass("predicted", predicted, evaluation);
        List<Misclassified> all = mistakes.of(evaluation);
        // Their place among all is part of the address of their picture.
        int[] wanted = IntStream.range(0, all.size())
                .filter(n -> label == null || label.equals(all.get(n).label()))
                .filter(n -> predicted == null || predicted.equals(all.get(n).predicted()))
                .toArray();
        int end = (int) Math.min(wanted.length, (long) first + length);
        String base = "/evaluations/" + checkpointId + "/misclassified";
        return new Page(
                checkpointId,
                evaluation.samples(),
                wanted.length,
                IntStream.range(Math.min(first, end), end)
                        .mapToObj(k -> mistake(base, wanted[k], all.get(wanted[k])))
                        .toList(),
                end < wanted.length ? next(base, end, length, label, predicted) : null);
    }

    private static String next(String base, int from, int count, String label, String predicted) {
        UriBuilder next = UriBuilder.fromPath(base).queryParam("from", from).queryParam("count", count);
        if (label != null) {
            next.queryParam("label", "{label}");
        }
        if (predicted != null) {
            next.queryParam("predicted", "{predicted}");
        }
        return next.build(Stream.of(label, predicted).filter(Objects::nonNull).toArray())
                .toString();
    }

    private static void requireClass(String what, String label, EvaluationCompleted evaluation) {
        if (label != null && !evaluation.labels().contains(label)) {
            throw new BadRequestException(what + " is \"" + label + "\"; it must be one of the classes: "
                    + String.join(", ", evaluation.labels()));
        }
    }

    private static Mistake mistake(String base, int n, Misclassified sample) {
        String image = base + "/" + n + ".png";
        return new Mistake(
                n,
                sample.index(),
                sample.label(),
                sample.predicted(),
                sample.probability(),
                sample.labelProbability(),
                image,
                image + "?cam=true");
    }

    @GET
    @Path("/misclassified/{n}.png")
    @Produces(PNG)
    @Operation(
            summary = "The picture of a mistake, the worst is 0; with cam=true beside it what speaks for the predicted"
                    + " class, and what speaks for the true one")
    public byte[] picture(String checkpointId, String n, @QueryParam("cam") @DefaultValue("false") String cam) {
        EvaluationCompleted evaluation = evaluation(checkpointId);
        if (!cam.equals("true") && !cam.equals("false")) {
            throw new BadRequestException("cam is \"" + cam + "\"; it must be true or false");
        }
        List<Misclassified> all = mistakes.of(evaluation);
        if (all.isEmpty()) {
            throw new NotFoundException(
                    "\"" + checkpointId + "\" takes no sample of the test split for something else");
        }
        int place = number("the number of the picture", n, 0, Integer.MAX_VALUE);
        if (place >= all.size()) {
            throw new NotFoundException("\"" + checkpointId + "\" has " + all.size() + " mistakes, 0 to "
                    + (all.size() - 1) + ", and none with the number " + n);
        }
        return mistakes.picture(evaluation, all.get(place), cam.equals("true"));
    }

    @GET
    @Path("/confusion.png")
    @Produces(PNG)
    @Operation(summary = "The confusion matrix as a picture, a row for each true class; theme=dark for a dark ground")
    public byte[] confusion(String checkpointId, @QueryParam("theme") @DefaultValue("light") String theme) {
        EvaluationCompleted evaluation = evaluation(checkpointId);
        return ConfusionPlot.png(
                evaluation,
                switch (theme) {
                    case "light" -> Theme.LIGHT;
                    case "dark" -> Theme.DARK;
                    default -> throw new BadRequestException("theme is \"" + theme + "\"; it must be light or dark");
                });
    }

    @GET
    @Path("/report")
    @Produces({MediaType.TEXT_PLAIN, MediaType.APPLICATION_JSON})
    @Operation(
            summary = "Precision, recall, F1 and support of each class as scikit-learn prints them, and what the"
                    + " confidence is worth; JSON where it is accepted first")
    public Response report(
            String checkpointId, @QueryParam("digits") @DefaultValue("2") String digits, @Context HttpHeaders headers) {
        ClassificationReport report = ClassificationReport.of(evaluation(checkpointId));
        int shown = number("digits", digits, 0, MOST_DIGITS);
        return wantsText(headers)
                ? Response.ok(ReportText.of(report, shown), MediaType.TEXT_PLAIN + ";charset=UTF-8")
                        .build()
                : Response.ok(report, MediaType.APPLICATION_JSON).build();
    }

    /** By the first of the acceptable types, best first, that there is. */
    private static boolean wantsText(HttpHeaders headers) {
        for (MediaType type : headers.getAcceptableMediaTypes()) {
            if (type.isCompatible(MediaType.TEXT_PLAIN_TYPE)) {
                return true;
            }
            if (type.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
                return false;
            }
        }
        throw new NotAcceptableException("a report is text/plain or application/json; accept one of them");
    }

    private static int number(String what, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below, as one that is out of range.
        }
        throw new BadRequestException(what + " is \"" + value + "\"; it must be a whole number from " + least
                + (most == Integer.MAX_VALUE ? " on" : " to " + most));
    }
}
