// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;

/**
 * Mixes each image of a batch with the one before it, as torchvision's {@code MixUp} and {@code CutMix}; where a recipe has
 * both, each batch has one of them, each as often. What is drawn depends on (seed, epoch, batch, shard) alone. Immutable, so
 * thread-safe.
 *
 * @param settings mixUp, cutMix, or both
 * @param shape of the images
 * @param classes K
 * @param seed of the run
 */
public record Mixing(Augmentation settings, ImageShape shape, int classes, long seed) {
    private static final double HALF = 0.5;

    /**
     * A batch after it.
     *
     * @param pixels uint8 {@code [N,C,H,W]}
     * @param labels {@code [N]}, of each image the class that there is most of
     * @param softLabels {@code [N,K]}, row-major
     */
    public record Mixed(byte[] pixels, int[] labels, float[] softLabels) {}

    /**
     * Mixes a batch.
     *
     * @param pixels uint8 {@code [N,C,H,W]}, left as they are
     * @param labels {@code [N]}
     * @param epoch from 0
     * @param index of the batch in its epoch
     * @param shard of the batch
     */
    public Mixed mix(byte[] pixels, int[] labels, int epoch, int index, int shard) {
        KeyedRandom random = KeyedRandom.of("mixing", seed, epoch, index, shard);
        boolean overlay = settings.cutMix() == null || settings.mixUp() != null && random.nextInt(2) == 0;
        if (overlay) {
            double part = Beta.draw(settings.mixUp().alpha(), random);
            return labelled(laidOver(pixels, part), labels, part);
        }
        Patch patch = patch(Beta.draw(settings.cutMix().alpha(), random), random);
        return labelled(patched(pixels, patch), labels, patch.left(shape));
    }

    /** How much of each image is itself, and how much the one before it. */
    private Mixed labelled(byte[] pixels, int[] labels, double part) {
        int[] most = new int[labels.length];
        float[] soft = new float[labels.length * classes];
        float own = (float) part;
        for (int k = 0; k < labels.length; k++) {
            int before = labels[before(k, labels.length)];
            soft[k * classes + labels[k]] += own;
            soft[k * classes + before] += 1 - own;
            most[k] = part >= HALF ? labels[k] : before;
        }
        return new Mixed(pixels, most, soft);
    }

    /** The first follows the last, as in torch's {@code roll}. */
    private static int before(int k, int size) {
        return (k + size - 1) % size;
    }

    private int imageSize() {
        return shape.channels() * shape.height() * shape.width();
    }

    private byte[] laidOver(byte[] pixels, double part) {
        byte[] mixed = new byte[pixels.length];
        int shift = pixels.length - imageSize();
        for (int k = 0; k < pixels.length; k++) {
            int own = pixels[k] & 0xff;
            int other = pixels[(k + shift) % pixels.length] & 0xff;
            mixed[k] = (byte) Math.rint(part * own + (1 - part) * other);
        }
        return mixed;
    }

    private byte[] patched(byte[] pixels, Patch patch) {
        byte[] mixed = pixels.clone();
        int images = pixels.length / imageSize();
        for (int k = 0; k < images; k++) {
            for (int channel = 0; channel < shape.channels(); channel++) {
                for (int y = patch.top(); y < patch.bottom(); y++) {
                    int at = (channel * shape.height() + y) * shape.width() + patch.begin();
                    System.arraycopy(
                            pixels,
                            before(k, images) * imageSize() + at,
                            mixed,
                            k * imageSize() + at,
                            patch.end() - patch.begin());
                }
            }
        }
        return mixed;
    }

    /** Rows from top to before bottom, columns from begin to before end. */
    private record Patch(int top, int bottom, int begin, int end) {
        /** The part of the image beside it. */
        private double left(ImageShape shape) {
            return 1 - (double) (bottom - top) * (end - begin) / (shape.height() * shape.width());
        }
    }

    /** About a pixel, of the image's proportions; what would lie outside is cut off. */
    private Patch patch(double left, KeyedRandom random) {
        int x = random.nextInt(shape.width());
        int y = random.nextInt(shape.height());
        double half = HALF * Math.sqrt(1 - left);
        int wide = (int) (half * shape.width());
        int tall = (int) (half * shape.height());
        return new Patch(
                Math.max(y - tall, 0),
                Math.min(y + tall, shape.height()),
                Math.max(x - wide, 0),
                Math.min(x + wide, shape.width()));
    }
}
