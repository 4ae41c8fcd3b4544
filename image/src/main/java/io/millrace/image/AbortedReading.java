// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;

/** Stops a reader between two rows of pixels when nobody wants the picture any more. */
final class AbortedReading implements IIOReadProgressListener {
    private final ReadingGate gate;

    AbortedReading(ReadingGate gate) {
        this.gate = gate;
    }

    @Override
    public void imageProgress(ImageReader source, float percentageDone) {
        if (gate.closed()) {
            source.abort();
        }
    }

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {
        imageProgress(source, 0);
    }

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percentageDone) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}
}
