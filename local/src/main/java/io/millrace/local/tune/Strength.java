// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Augmentation;
import java.util.List;

/**
 * How much of a recipe's augmentation is done: 0 is none of what can be more or less, 1 is all of it as it stands, 2 twice
 * that, each within its bounds. Pixels, degrees, distances and areas, jitter, the probability of erasing and the alphas of mixed
 * images go with it. Flips stay: whether left may be right is a matter of the data.
 *
 * @param factor from 0 on
 */
public record Strength(double factor) {
    private static final double MOST_DEGREES = 180;
    private static final double MOST_SHEAR = 89;
    private static final double LEAST_AREA = 0.01;
    private static final double LEAST_ALPHA = 0.05;
    private static final double MOST = 100;
    private static final double DIGITS = 1e4;

    /** Whether there is anything that can be more or less. */
    public static boolean applies(Augmentation augmentation) {
        return augmentation.shift() > 0
                || augmentation.randomResizedCrop() != null
                || augmentation.randomAffine() != null
                || augmentation.randomCrop() != null
                || augmentation.colorJitter() != null
                || augmentation.randomErasing() != null
                || augmentation.mixes();
    }

    /** Puts what changes into a recipe's augmentation. */
    void of(Augmentation whole, ObjectNode recipe) {
        if (whole.shift() > 0) {
            recipe.put("shift", pixels(whole.shift()));
        }
        if (whole.randomResizedCrop() != null) {
            List<Double> scale = whole.randomResizedCrop().scale();
            double least = Math.max(LEAST_AREA, towardsOne(scale.get(0)));
            put(recipe.withObject("/randomResizedCrop").putArray("scale"), Math.min(least, scale.get(1)), scale.get(1));
        }
        if (whole.randomAffine() != null) {
            affine(whole.randomAffine(), recipe.withObject("/randomAffine"));
        }
        if (whole.randomCrop() != null) {
            int padding = pixels(whole.randomCrop().padding());
            if (padding == 0) {
                recipe.putNull("randomCrop");
            } else {
                recipe.withObject("/randomCrop").put("padding", padding);
            }
        }
        if (whole.colorJitter() != null) {
            recipe.withObject("/colorJitter")
                    .put("brightness", times(whole.colorJitter().brightness(), MOST))
                    .put("contrast", times(whole.colorJitter().contrast(), MOST))
                    .put("saturation", times(whole.colorJitter().saturation(), MOST));
        }
        if (whole.randomErasing() != null) {
            recipe.withObject("/randomErasing")
                    .put("p", times(whole.randomErasing().p(), 1));
        }
        if (whole.mixUp() != null) {
            mix(recipe, "mixUp", whole.mixUp().alpha());
        }
        if (whole.cutMix() != null) {
            mix(recipe, "cutMix", whole.cutMix().alpha());
        }
    }

    private void affine(Augmentation.RandomAffine whole, ObjectNode recipe) {
        recipe.put("degrees", times(whole.degrees(), MOST_DEGREES));
        recipe.put("shear", times(whole.shear(), MOST_SHEAR));
        if (whole.translate() != null) {
            put(
                    recipe.putArray("translate"),
                    times(whole.translate().get(0), 1),
                    times(whole.translate().get(1), 1));
        }
        if (whole.scale() != null) {
            put(
                    recipe.putArray("scale"),
                    Math.max(LEAST_AREA, towardsOne(whole.scale().get(0))),
                    Math.min(MOST, towardsOne(whole.scale().get(1))));
        }
    }

    private void mix(ObjectNode recipe, String member, double alpha) {
        double scaled = times(alpha, MOST);
        if (scaled < LEAST_ALPHA) {
            recipe.putNull(member);
        } else {
            recipe.withObject("/" + member).put("alpha", scaled);
        }
    }

    private static void put(ArrayNode pair, double first, double second) {
        pair.add(first).add(second);
    }

    private int pixels(int whole) {
        return Math.toIntExact(Math.round(whole * factor));
    }

    private double times(double whole, double most) {
        return rounded(Math.min(most, whole * factor));
    }

    private double towardsOne(double whole) {
        return rounded(1 + (whole - 1) * factor);
    }

    private static double rounded(double value) {
        return Math.round(value * DIGITS) / DIGITS;
    }
}
