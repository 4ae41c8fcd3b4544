// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/**
 * Says whether a picture may be read, and whether it is still worth it. Asked on the thread that reads; a picture takes
 * microseconds or seconds, and only its header tells.
 */
public interface ReadingGate {
    /** For whoever waits as long as it takes. */
    ReadingGate OPEN = new ReadingGate() {
        @Override
        public void enter(int pixels) {}

        @Override
        public boolean closed() {
            return false;
        }
    };

    /**
     * Told what the header claims, before anything is decoded. What it throws ends the reading, and comes out of it.
     *
     * @param pixels width × height
     */
    void enter(int pixels);

    /** Whether nobody wants the picture any more: reading ends soon, with a {@link java.util.concurrent.CancellationException}. */
    boolean closed();
}
