// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * How large a picture says it is, in pixels: a large one is not read as a whole, so that the picture that was read does not
 * tell.
 */
public record HeaderSize(int width, int height) {
    /**
     * Of a picture that could be read.
     *
     * @param file the picture's file
     * @param read what was read of it, whose size it has where the JDK does not know its format
     */
    public static HeaderSize of(byte[] file, Picture read) {
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (readers.hasNext()) {
                ImageReader reader = readers.next();
                try {
                    reader.setInput(in, true, true);
                    return new HeaderSize(reader.getWidth(0), reader.getHeight(0));
                } finally {
                    reader.dispose();
                }
            }
        } catch (IOException | RuntimeException e) {
            // Readers answer what they do not like with exceptions of every kind.
            return new HeaderSize(read.width(), read.height());
        }
        return new HeaderSize(read.width(), read.height());
    }
}
