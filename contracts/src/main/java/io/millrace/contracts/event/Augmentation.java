// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What is done to training images before they are published, in the order of the members; what is null is not done. Names,
 * members, defaults and meanings are those of
 * <a href="https://pytorch.org/vision/0.18/transforms.html">torchvision's transforms (v2)</a>.
 *
 * @param shift largest random shift in pixels in each direction, by zero padding and cropping; 0: none. The same as {@link
 *     RandomCrop} with that padding, and older
 * @param randomResizedCrop a part of the picture, scaled to the size of the images
 * @param randomAffine rotation, translation, scale, shear
 * @param randomCrop padding, and a crop of the former size
 * @param randomHorizontalFlip left and right exchanged
 * @param colorJitter brightness, contrast, saturation
 * @param randomErasing a rectangle of one colour; of fixed size it is known as cutout
 * @param mixUp each image of a batch and the one before it laid over each other
 * @param cutMix a rectangle of the image before it put into each image of a batch; with {@code mixUp}, each batch has the one or
 *     the other
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Augmentation(
        int shift,
        RandomResizedCrop randomResizedCrop,
        RandomAffine randomAffine,
        RandomCrop randomCrop,
        RandomHorizontalFlip randomHorizontalFlip,
        ColorJitter colorJitter,
        RandomErasing randomErasing,
        MixUp mixUp,
        CutMix cutMix)
        implements ReadStrictly {
    private static final String FIELD = "recipe.augmentation.";
    private static final double RATIO = 0.01;
    private static final String RATIOS = "from 0.01 to 100";

    /** Images as they are. */
    public static final Augmentation NONE = shifted(0);

    public Augmentation {
        Fields.range(FIELD + "shift", shift, 0, Fields.MAX_COUNT);
        Fields.require(
                FIELD + "shift",
                shift,
                shift == 0 || randomCrop == null,
                "0 beside randomCrop: both move the image, and its padding says by how much");
    }

    /** Whether images show several classes, so that their labels are soft. */
    public boolean mixes() {
        return mixUp != null || cutMix != null;
    }

    /** Nothing but a shift. */
    public static Augmentation shifted(int pixels) {
        return new Augmentation(pixels, null, null, null, null, null, null, null, null);
    }

    /**
     * Cuts a random part out of the picture, before it is scaled where it is a photograph, and scales it to the size of the
     * images, antialiased and linear.
     *
     * @param scale least and largest area of the part, in areas of the picture; [0.08, 1] when absent
     * @param ratio least and largest width by height of the part; [3/4, 4/3] when absent
     */
    public record RandomResizedCrop(List<Double> scale, List<Double> ratio) implements ReadStrictly {
        public RandomResizedCrop {
            scale = Fields.or(scale, List.of(0.08, 1.0));
            ratio = Fields.or(ratio, List.of(3.0 / 4, 4.0 / 3));
            Fields.interval(FIELD + "randomResizedCrop.scale", scale, Double.MIN_NORMAL, 1, "above 0 and at most 1");
            Fields.interval(FIELD + "randomResizedCrop.ratio", ratio, RATIO, 1 / RATIO, RATIOS);
        }
    }

    /**
     * Turns, moves, scales and shears about the centre. With one member alone it is torchvision's {@code RandomRotation}.
     *
     * @param degrees turned by up to so many either way, 0 to 180; 0 when absent
     * @param translate moved by up to these parts of width and height either way, 0 to 1 each; null: not
     * @param scale least and largest factor; null: 1
     * @param shear along the width by up to so many degrees either way, 0 to less than 90; 0 when absent
     * @param interpolation of what falls between pixels; {@code nearest} when absent
     * @param fill the value of what comes in from outside, 0 to 255; 0 when absent
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RandomAffine(
            Double degrees,
            List<Double> translate,
            List<Double> scale,
            Double shear,
            Interpolation interpolation,
            Integer fill)
            implements ReadStrictly {
        public RandomAffine {
            degrees = Fields.or(degrees, 0.0);
            shear = Fields.or(shear, 0.0);
            interpolation = Fields.or(interpolation, Interpolation.NEAREST);
            fill = Fields.or(fill, 0);
            Fields.require(
                    FIELD + "randomAffine.degrees",
                    degrees,
                    degrees >= 0 && degrees <= 180,
                    "a number from 0 to 180: so many either way");
            Fields.require(
                    FIELD + "randomAffine.shear",
                    shear,
                    shear >= 0 && shear < 90,
                    "a number from 0 to less than 90: so many degrees either way");
            if (translate != null) {
                Fields.pair(
                        FIELD + "randomAffine.translate", translate, 0, 1, "from 0 to 1: parts of width and height");
            }
            if (scale != null) {
                Fields.interval(FIELD + "randomAffine.scale", scale, RATIO, 1 / RATIO, RATIOS);
            }
            Fields.range(FIELD + "randomAffine.fill", fill, 0, 255);
        }
    }

    /** What the value between pixels is. */
    public enum Interpolation {
        /** That of the nearest. */
        @JsonProperty("nearest")
        NEAREST,
        /** Linear between the four around it. */
        @JsonProperty("bilinear")
        BILINEAR
    }

    /**
     * Adds pixels on all sides and cuts out a random part of the former size.
     *
     * @param padding pixels on each side, at least 1 and less than the image's sides
     * @param fill the value of {@code constant} padding, 0 to 255; 0 when absent
     * @param paddingMode what the padding shows; {@code constant} when absent
     */
    public record RandomCrop(Integer padding, Integer fill, PaddingMode paddingMode) implements ReadStrictly {
        public RandomCrop {
            Fields.present(padding, FIELD + "randomCrop.padding");
            fill = Fields.or(fill, 0);
            paddingMode = Fields.or(paddingMode, PaddingMode.CONSTANT);
            Fields.range(FIELD + "randomCrop.padding", padding, 1, Fields.MAX_COUNT);
            Fields.range(FIELD + "randomCrop.fill", fill, 0, 255);
        }
    }

    /** What lies around an image. */
    public enum PaddingMode {
        /** One value. */
        @JsonProperty("constant")
        CONSTANT,
        /** The outermost pixel. */
        @JsonProperty("edge")
        EDGE,
        /** The image mirrored, without its outermost pixel again. */
        @JsonProperty("reflect")
        REFLECT,
        /** The image mirrored, its outermost pixel again. */
        @JsonProperty("symmetric")
        SYMMETRIC
    }

    /**
     * Exchanges left and right.
     *
     * @param p probability, 0 to 1; 0.5 when absent
     */
    public record RandomHorizontalFlip(Double p) implements ReadStrictly {
        public RandomHorizontalFlip {
            p = Fields.or(p, 0.5);
            Fields.probability(FIELD + "randomHorizontalFlip.p", p);
        }
    }

    /**
     * Changes brightness, contrast and saturation, in random order. Each is multiplied by a factor from 1 minus the member,
     * and at least 0, to 1 plus it. Grey images have no saturation.
     *
     * @param brightness from 0 on; 0 when absent
     * @param contrast from 0 on; 0 when absent
     * @param saturation from 0 on; 0 when absent
     */
    public record ColorJitter(Double brightness, Double contrast, Double saturation) implements ReadStrictly {
        public ColorJitter {
            brightness = Fields.or(brightness, 0.0);
            contrast = Fields.or(contrast, 0.0);
            saturation = Fields.or(saturation, 0.0);
            Fields.notNegative(FIELD + "colorJitter.brightness", brightness);
            Fields.notNegative(FIELD + "colorJitter.contrast", contrast);
            Fields.notNegative(FIELD + "colorJitter.saturation", saturation);
        }
    }

    /**
     * Covers a random rectangle inside the image.
     *
     * @param p probability, 0 to 1; 0.5 when absent
     * @param scale least and largest area, in areas of the image; [0.02, 0.33] when absent
     * @param ratio least and largest height by width; [0.3, 3.3] when absent
     * @param value what it is covered with, as the network sees it, normalized: 0, when absent, is the mean of each channel
     */
    public record RandomErasing(Double p, List<Double> scale, List<Double> ratio, Double value)
            implements ReadStrictly {
        public RandomErasing {
            p = Fields.or(p, 0.5);
            scale = Fields.or(scale, List.of(0.02, 0.33));
            ratio = Fields.or(ratio, List.of(0.3, 3.3));
            value = Fields.or(value, 0.0);
            Fields.probability(FIELD + "randomErasing.p", p);
            Fields.interval(FIELD + "randomErasing.scale", scale, Double.MIN_NORMAL, 1, "above 0 and at most 1");
            Fields.interval(FIELD + "randomErasing.ratio", ratio, RATIO, 1 / RATIO, RATIOS);
            Fields.require(FIELD + "randomErasing.value", value, Double.isFinite(value), "a number");
        }
    }

    /**
     * Lays each image of a batch over the one before it, in proportions that are drawn for the batch.
     *
     * @param alpha of the Beta distribution of the proportion, 0.05 to 100; 1, which is uniform, when absent
     */
    public record MixUp(Double alpha) implements ReadStrictly {
        public MixUp {
            alpha = proportion(alpha, FIELD + "mixUp.alpha");
        }
    }

    /**
     * Puts a rectangle of the image before it into each image of a batch, where and how large is drawn for the batch.
     *
     * @param alpha of the Beta distribution of the part of the image that stays, 0.05 to 100; 1, which is uniform, when absent
     */
    public record CutMix(Double alpha) implements ReadStrictly {
        public CutMix {
            alpha = proportion(alpha, FIELD + "cutMix.alpha");
        }
    }

    private static double proportion(Double given, String field) {
        double alpha = Fields.or(given, 1.0);
        Fields.require(field, alpha, alpha >= 0.05 && alpha <= 100, "a number from 0.05 to 100");
        return alpha;
    }
}
