// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.millrace.contracts.event.ImageShape;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads height and width of images, {@code 64x64}; of what it gives the channels do not matter. */
public final class ImageSizeConverter implements Converter<ImageShape> {
    private static final int LEAST = 8;
    private static final int MOST = 512;

    @Override
    public ImageShape convert(String value) {
        String[] sides = value.trim().split("x");
        try {
            if (sides.length == 2) {
                int height = Integer.parseInt(sides[0]);
                int width = Integer.parseInt(sides[1]);
                if (Math.min(height, width) >= LEAST && Math.max(height, width) <= MOST) {
                    return new ImageShape(1, height, width);
                }
            }
        } catch (NumberFormatException e) {
            // It is refused below.
        }
        throw new IllegalArgumentException(
                "the image size \"" + value + "\" will not do; it must be height and width in" + " pixels, " + LEAST
                        + " to " + MOST + ", such as 64x64 or 224x224");
    }
}
