// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shape of an image: channels, height and width in pixels. */
public record ImageShape(int channels, int height, int width) {
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,4})x(\\d{1,5})x(\\d{1,5})");
    private static final int MOST_CHANNELS = 1024;
    private static final int LONGEST_SIDE = 16_384;

    /**
     * As people write it: {@code 1x28x28}.
     *
     * @throws RefusedFieldException when that is none
     */
    public static ImageShape of(String written) {
        Matcher matcher = WRITTEN.matcher(written);
        Fields.require(
                "shape",
                written,
                matcher.matches(),
                "channels, height and width of an image, such as 1x28x28 or 3x32x32");
        ImageShape shape = new ImageShape(number(matcher, 1), number(matcher, 2), number(matcher, 3));
        Fields.require(
                "shape",
                written,
                within(shape.channels, MOST_CHANNELS)
                        && within(shape.height, LONGEST_SIDE)
                        && within(shape.width, LONGEST_SIDE),
                "of 1 to " + MOST_CHANNELS + " channels and 1 to " + LONGEST_SIDE + " pixels a side");
        return shape;
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    private static boolean within(int value, int most) {
        return value >= 1 && value <= most;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
