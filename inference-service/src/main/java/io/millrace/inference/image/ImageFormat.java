// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Optional;

/** The image formats that are read, known by their first bytes; what a client calls its file does not matter. */
enum ImageFormat {
    PNG("\u0089PNG\r\n\u001a\n"),
    JPEG("\u00ff\u00d8\u00ff"),
    GIF("GIF8"),
    BMP("BM");

    private final byte[] magic;

    ImageFormat(String magic) {
        this.magic = magic.getBytes(ISO_8859_1);
    }

    /** The format of a file, empty when it is none of these. */
    static Optional<ImageFormat> of(byte[] file) {
        return Arrays.stream(values()).filter(format -> format.begins(file)).findFirst();
    }

    private boolean begins(byte[] file) {
        return file.length >= magic.length && Arrays.equals(file, 0, magic.length, magic, 0, magic.length);
    }
}
