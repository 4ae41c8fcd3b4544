// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.inference.decode.ImageSource;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a request chooses beside its images: in the query, as fields of a form, or as members of JSON.
 *
 * @param top how many classes to name, at least 1; more than there are is all of them
 * @param fit how pictures are made what the network takes; empty: as the model's were
 * @param invert whether light and dark change places first
 */
public record Choices(int top, Optional<InputConvention> fit, boolean invert) {
    /** Names of all of them. */
    public static final Set<String> NAMES = Set.of("top", "fit", "invert");

    private static final int TOP = 3;

    /**
     * What a query and a body choose.
     *
     * @param query parameters
     * @param body what stands in the body, by its names
     * @throws PictureException when one makes no sense, or stands in both and is not the same
     */
    public static Choices of(MultiMap query, Map<String, String> body) throws PictureException {
        Map<String, String> all = new HashMap<>(body);
        for (String name : NAMES) {
            List<String> values = query.getAll(name);
            if (values.isEmpty()) {
                continue;
            }
            String before = all.put(name, values.get(0));
            if (values.size() > 1 || before != null && !before.equals(values.get(0))) {
                throw refused(name + " stands twice; say it once, in the query or in the body");
            }
        }
        return new Choices(top(all.get("top")), fit(all.get("fit")), invert(all.get("invert")));
    }

    /** The parameters of a request. */
    public static MultiMap query(RoutingContext routing) throws PictureException {
        try {
            return routing.queryParams();
        } catch (HttpException e) {
            throw new PictureException(
                    Reason.MALFORMED, "the query cannot be decoded: after % stand two hex digits", e);
        }
    }

    private static int top(String text) throws PictureException {
        if (text == null) {
            return TOP;
        }
        try {
            int value = Integer.parseInt(text);
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new PictureException(Reason.MALFORMED, "top has to be a whole number, not \"" + text + "\"", e);
        }
        throw refused("top has to be 1 or more, not " + text);
    }

    private static Optional<InputConvention> fit(String text) throws PictureException {
        if (text == null) {
            return Optional.empty();
        }
        for (InputConvention each : InputConvention.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
                return Optional.of(each);
            }
        }
        throw refused("fit has to be ink or photo, not \"" + text + "\"; without, it is the model's");
    }

    private static boolean invert(String text) throws PictureException {
        if (text == null || text.equals("false")) {
            return false;
        } else if (text.equals("true")) {
            return true;
        }
        throw refused("invert has to be true or false, not \"" + text + "\"");
    }

    private static PictureException refused(String why) {
        return new PictureException(Reason.MALFORMED, why);
    }

    /** Images, taken as it was chosen. */
    List<ImageSource> taken(List<ImageSource> images) {
        if (fit.isEmpty() && !invert) {
            return images;
        }
        return images.stream()
                .<ImageSource>map(image -> (input, gate) -> image.fitted(chosen(input), gate))
                .toList();
    }

    private Fitting chosen(Fitting input) {
        Fitting fitting =
                fit.map(convention -> Fitting.of(convention, input.shape())).orElse(input);
        return invert ? new Inverted(fitting) : fitting;
    }

    /** Has light and dark change places before a picture is fitted. */
    private record Inverted(Fitting of) implements Fitting {
        private static final int LIGHTEST = 255;

        @Override
        public InputConvention convention() {
            return of.convention();
        }

        @Override
        public ImageShape shape() {
            return of.shape();
        }

        @Override
        public int enough() {
            return of.enough();
        }

        @Override
        public Fitted fit(Picture picture) {
            byte[] samples = new byte[picture.samples().length];
            for (int k = 0; k < samples.length; k++) {
                samples[k] = (byte) (LIGHTEST - picture.samples()[k]);
            }
            return of.fit(new Picture(picture.channels(), picture.height(), picture.width(), samples, picture.alpha()));
        }
    }
}
