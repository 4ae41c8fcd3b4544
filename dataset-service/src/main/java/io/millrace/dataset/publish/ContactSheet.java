// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Picture;
import java.util.Arrays;
import java.util.List;

/** Images side by side in one picture, row by row, small ones enlarged by a whole number. Stateless. */
final class ContactSheet {
    private static final int COLUMNS = 8;
    /** Images are enlarged as long as they stay below it. */
    private static final int SIDE = 112;

    private static final int GAP = 2;
    private static final byte PAPER = (byte) 255;

    private ContactSheet() {}

    /**
     * The sheet.
     *
     * @param images uint8 {@code [C,H,W]} each, at least one
     * @param shape of each: one channel, or three
     */
    static Picture of(List<byte[]> images, ImageShape shape) {
        int factor = Math.max(1, SIDE / Math.max(shape.height(), shape.width()));
        int columns = Math.min(COLUMNS, images.size());
        int rows = (images.size() + columns - 1) / columns;
        int tall = shape.height() * factor + GAP;
        int wide = shape.width() * factor + GAP;
        int height = rows * tall + GAP;
        int width = columns * wide + GAP;
        byte[] sheet = new byte[shape.channels() * height * width];
        Arrays.fill(sheet, PAPER);
        for (int k = 0; k < images.size(); k++) {
            int top = k / columns * tall + GAP;
            int left = k % columns * wide + GAP;
            for (int channel = 0; channel < shape.channels(); channel++) {
                for (int y = 0; y < shape.height() * factor; y++) {
                    for (int x = 0; x < shape.width() * factor; x++) {
                        sheet[(channel * height + top + y) * width + left + x] =
                                images.get(k)[(channel * shape.height() + y / factor) * shape.width() + x / factor];
                    }
                }
            }
        }
        return new Picture(shape.channels(), height, width, sheet);
    }
}
