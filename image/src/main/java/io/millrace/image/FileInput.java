// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file in memory, for readers of pictures. A reader that goes on at the end of it, as those of compressed formats do, whose
 * last bits may lie beyond, is let go on for a little: some take all that is missing for zeros, and make gigabytes of 65 bytes.
 * For one thread.
 */
final class FileInput extends ImageInputStreamImpl {
    private static final int MOST_BEYOND = 1024;

    private final byte[] file;
    private int beyond;

    FileInput(byte[] file) {
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        bitOffset = 0;
        if (streamPos < file.length) {
            return file[(int) streamPos++] & 0xff;
        }
        return end();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        if (streamPos >= file.length) {
            return end();
        }
        int read = (int) Math.min(length, file.length - streamPos);
        System.arraycopy(file, (int) streamPos, into, offset, read);
        streamPos += read;
        return read;
    }

    private int end() throws IOException {
        beyond++;
        if (beyond > MOST_BEYOND) {
            throw new IOException("it ends too early");
        }
        return -1;
    }

    @Override
    public long length() {
        return file.length;
    }

    @Override
    public boolean isCached() {
        return true;
    }

    @Override
    public boolean isCachedMemory() {
        return true;
    }
}
