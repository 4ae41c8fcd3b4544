// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/**
 * How much ink is where, whatever its colour and that of its ground: 0 on the ground, 255 where it is thickest. A pixel's
 * distance from the ground, in the channel in which it is largest, is in proportion to how much of the pixel is ink: so
 * blue ink on black is as much as white ink, and the smooth edges of a stroke stay smooth.
 *
 * @param picture one channel
 * @param blank whether there is none
 * @param seen whether what there is stands out from the ground, as ink does and a photograph does not
 * @param asItIs whether it was so already: one channel, opaque, light on black
 */
record Ink(Picture picture, boolean blank, boolean seen, boolean asItIs) {
    private static final int LEVELS = 256;
    /** Ink that is nearer to its ground is not seen. */
    private static final int FAINT = 24;
    /** Of what cameras see on white paper, the most. */
    private static final int NOISE = 96;
    /** How far ink stands out, in typical distances of a pixel from the ground. */
    private static final int OUTSTANDING = 8;
    /** What is nearer to the ground, in typical distances, is ground: paper is not even, and cameras are not still. */
    private static final int FLOOR = 3;

    private static final double MIDDLE = 0.5;
    /** Of all pixels, those where ink is thickest: in a large picture few. */
    private static final double THICK = 0.002;

    private static final int ENOUGH = 20;

    private static final int BLACK = 8;
    private static final int WHITE = 255;
    private static final int HALF = 128;

    static Ink of(Picture picture) {
        Picture opaque = opaque(picture);
        int[] ground = ground(opaque);
        byte[] distance = distance(opaque, ground);
        int[] histogram = histogram(distance, 0, distance.length);
        int uneven = Colours.quantile(histogram, MIDDLE);
        int peak = Colours.quantile(histogram, 1 - Math.min(THICK, (double) ENOUGH / distance.length));
        boolean seen = peak >= OUTSTANDING * uneven;
        boolean blank = peak < FAINT || !seen && peak < NOISE;
        boolean asItIs = picture.channels() == 1 && picture.alpha() == null && ground[0] <= BLACK;
        int floor = Math.min(FLOOR * uneven, peak / 2);
        byte[] ink = blank ? distance : stretched(distance, floor, peak);
        return new Ink(new Picture(1, opaque.height(), opaque.width(), ink), blank, seen, asItIs);
    }

    /**
     * What is transparent, filled. Where all that is visible is of about one colour, the shape stands in the alpha, and the
     * ground is what contrasts with it; else the ground is what most of the visible has.
     */
    private static Picture opaque(Picture picture) {
        if (picture.alpha() == null) {
            return picture;
        }
        Picture grey = Colours.in(1, picture);
        int[] visible = new int[LEVELS];
        for (int i = 0; i < grey.plane(); i++) {
            if ((grey.alpha()[i] & 0xff) >= HALF) {
                visible[grey.samples()[i] & 0xff]++;
            }
        }
        int middle = Colours.quantile(visible, MIDDLE);
        boolean shape = Colours.quantile(visible, 0.98) - Colours.quantile(visible, 0.02) < HALF / 2;
        return Colours.over(shape ? middle < HALF ? WHITE : 0 : middle, picture);
    }

    /** The value in the middle of all, by channel: ink covers less than half. */
    private static int[] ground(Picture picture) {
        int[] ground = new int[picture.channels()];
        for (int channel = 0; channel < ground.length; channel++) {
            int begin = channel * picture.plane();
            ground[channel] = Colours.quantile(histogram(picture.samples(), begin, begin + picture.plane()), MIDDLE);
        }
        return ground;
    }

    private static int[] histogram(byte[] values, int from, int to) {
        int[] histogram = new int[LEVELS];
        for (int i = from; i < to; i++) {
            histogram[values[i] & 0xff]++;
        }
        return histogram;
    }

    private static byte[] distance(Picture picture, int[] ground) {
        int plane = picture.plane();
        byte[] distance = new byte[plane];
        for (int channel = 0; channel < ground.length; channel++) {
            for (int i = 0; i < plane; i++) {
                int here = Math.abs((picture.samples()[channel * plane + i] & 0xff) - ground[channel]);
                distance[i] = (byte) Math.max(distance[i] & 0xff, here);
            }
        }
        return distance;
    }

    private static byte[] stretched(byte[] distance, int floor, int peak) {
        byte[] ink = new byte[distance.length];
        for (int i = 0; i < ink.length; i++) {
            int above = (distance[i] & 0xff) - floor;
            ink[i] = (byte) Math.min(Math.max(above * 255 / (peak - floor), 0), 255);
        }
        return ink;
    }
}
