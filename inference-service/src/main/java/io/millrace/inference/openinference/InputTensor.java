// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadingGate;
import io.millrace.inference.decode.ImageSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images as a tensor: files ({@code BYTES [N]} or {@code [N,1]}) or pixels, {@code [N,C,H,W]}, {@code [N,H,W,C]} or {@code [N,H,W]} of
 * grey, C being 1 or 3; where the first two fit, it is the first. Pixels run from 0 to 255; those of an image of floating-point numbers
 * none of which is above 1 run from 0 to 1. Any size is taken: what is not the network's is scaled, as every picture is.
 *
 * @param name of the input
 * @param shape its first number counts the images
 */
record InputTensor(String name, Datatype datatype, long[] shape, Contents contents) {
    /** What the network's only input is called. */
    static final String IMAGE = "image";

    private static final int MAX_VALUE = 255;
    private static final int WITH_CHANNELS = 4;

    /**
     * How many elements a shape stands for.
     *
     * @throws PictureException when that is none, or more than any request has
     */
    static int elements(String name, long[] shape) throws PictureException {
        long all = 1;
        for (long length : shape) {
            if (length < 1) {
                throw refused(
                        name, "has the shape " + Arrays.toString(shape) + "; every number of it must be 1 or more");
            }
            all = all > Integer.MAX_VALUE / length ? Long.MAX_VALUE : all * length;
            if (all == Long.MAX_VALUE) {
                throw refused(
                        name, "has the shape " + Arrays.toString(shape) + ", more values than a request can hold");
            }
        }
        return (int) all;
    }

    /** The tensor as images, not looked at yet. */
    List<ImageSource> images(int maxPixels, PictureReader reader) throws PictureException {
        if (!name.equals(IMAGE)) {
            throw refused(name, "is none of the model's, which has one: \"" + IMAGE + "\"");
        }
        int count = elements(name, shape);
        if (contents.size() != count) {
            throw refused(
                    name,
                    "has " + contents.size() + " values; its shape " + Arrays.toString(shape) + " wants " + count);
        }
        if (contents instanceof Contents.Files files) {
            return files(files, reader);
        }
        Layout layout = layout();
        if ((long) layout.height * layout.width > maxPixels) {
            throw PictureException.tooManyPixels("input \"" + name + "\"", layout.width, layout.height, maxPixels);
        }
        Contents.Numbers pixels = (Contents.Numbers) contents;
        return IntStream.range(0, (int) shape[0])
                .<ImageSource>mapToObj(index -> (input, gate) -> fitted(pixels, layout, index, input, gate))
                .toList();
    }

    private List<ImageSource> files(Contents.Files files, PictureReader reader) throws PictureException {
        if (shape.length > 2 || shape.length == 2 && shape[1] != 1 || shape.length == 0) {
            throw refused(name, "has the shape " + Arrays.toString(shape) + "; files of N images have [N], or [N,1]");
        }
        return IntStream.range(0, files.size())
                .<ImageSource>mapToObj(index -> (input, gate) -> {
                    try {
                        return reader.read(files.files().get(index), input, gate);
                    } catch (PictureException e) {
                        throw new PictureException(e.reason(), image(index) + e.getMessage(), e);
                    }
                })
                .toList();
    }

    /**
     * Where the values of an image stand.
     *
     * @param last whether the channels of a pixel stand together
     */
    private record Layout(int channels, int height, int width, boolean last) {
        private int size() {
            return channels * height * width;
        }

        private int place(int channel, int pixel) {
            return last ? pixel * channels + channel : channel * height * width + pixel;
        }
    }

    private Layout layout() throws PictureException {
        if (shape.length == WITH_CHANNELS && channels(shape[1])) {
            return new Layout((int) shape[1], (int) shape[2], (int) shape[3], false);
        }
        if (shape.length == WITH_CHANNELS && channels(shape[3])) {
            return new Layout((int) shape[3], (int) shape[1], (int) shape[2], true);
        }
        if (shape.length == WITH_CHANNELS - 1) {
            return new Layout(1, (int) shape[1], (int) shape[2], false);
        }
        throw refused(
                name,
                "has the shape " + Arrays.toString(shape)
                        + "; pixels have [N,C,H,W] or [N,H,W,C], C being 1 or 3, or [N,H,W] of grey, and the first number"
                        + " counts the images even where there is one");
    }

    private static boolean channels(long length) {
        return length == 1 || length == 3;
    }

    private Fitted fitted(Contents.Numbers pixels, Layout layout, int index, Fitting input, ReadingGate gate)
            throws PictureException {
        if (shape.length < WITH_CHANNELS && input.shape().channels() > 1) {
            // Three planes of one image would be answered as if they were three images.
            throw refused(
                    name,
                    "has the shape " + Arrays.toString(shape)
                            + ", and this model looks at colours; say which number are the channels: [N,C,H,W]");
        }
        gate.enter(layout.height * layout.width);
        return input.fit(picture(pixels, layout, index));
    }

    private Picture picture(Contents.Numbers pixels, Layout layout, int index) throws PictureException {
        int from = index * layout.size();
        double scale = scale(pixels, from, layout.size(), index);
        int plane = layout.height * layout.width;
        byte[] samples = new byte[layout.size()];
        for (int k = 0; k < samples.length; k++) {
            samples[k] =
                    (byte) Math.round(scale * pixels.at().applyAsDouble(from + layout.place(k / plane, k % plane)));
        }
        return new Picture(layout.channels, layout.height, layout.width, samples);
    }

    private double scale(Contents.Numbers pixels, int from, int size, int index) throws PictureException {
        double largest = 0;
        for (int k = from; k < from + size; k++) {
            double value = pixels.at().applyAsDouble(k);
            if (!(value >= 0 && value <= MAX_VALUE) || datatype.whole() && value != Math.rint(value)) {
                throw new PictureException(
                        Reason.MALFORMED,
                        image(index) + "a value is " + value + "; pixels are "
                                + (datatype.whole()
                                        ? "whole numbers from 0 to 255"
                                        : "numbers from 0 to 255, or all from 0 to 1, not normalized any further"));
            }
            largest = Math.max(largest, value);
        }
        return !datatype.whole() && largest <= 1 ? MAX_VALUE : 1;
    }

    private String image(int index) {
        return "input \"" + name + "\", image " + (index + 1) + ": ";
    }

    private static PictureException refused(String name, String why) {
        return new PictureException(Reason.MALFORMED, "input \"" + name + "\" " + why);
    }
}
