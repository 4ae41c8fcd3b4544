// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import java.io.IOException;
import java.io.InputStream;

/** Reads from streams that may not end: nothing is allocated for what a header claims. */
final class Bounded {
    private Bounded() {}

    /** All bytes of a stream, if they are not more than so many. */
    static byte[] bytes(InputStream in, int most) throws IOException {
        byte[] bytes = in.readNBytes(most);
        if (bytes.length == most && in.read() >= 0) {
            throw new IOException("it has more than the " + most + " bytes that are taken of a picture");
        }
        return bytes;
    }
}
