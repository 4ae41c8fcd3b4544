// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;

/** Buffers, one after the other, as a stream, without copying them first. They stay as they are. For one thread. */
final class BufferStream extends InputStream {
    private final Iterator<ByteBuffer> pieces;
    private ByteBuffer piece = ByteBuffer.allocate(0);

    BufferStream(List<ByteBuffer> pieces) {
        this.pieces = pieces.iterator();
    }

    private boolean hasMore() {
        while (!piece.hasRemaining() && pieces.hasNext()) {
            piece = pieces.next().duplicate();
        }
        return piece.hasRemaining();
    }

    @Override
    public int read() {
        return hasMore() ? piece.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) {
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int taken = Math.min(length, piece.remaining());
        piece.get(into, from, taken);
        return taken;
    }
}
