// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import io.millrace.dataset.source.ImageSet;
import io.millrace.dataset.source.Samples;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Images for tests, and what becomes of them over many draws. */
final class Images {
    private Images() {}

    /** One in which all values differ, none of them 0, as long as there are fewer than 256. */
    static byte[] counting(ImageShape shape) {
        byte[] image = new byte[shape.channels() * shape.height() * shape.width()];
        IntStream.range(0, image.length).forEach(k -> image[k] = (byte) (k + 1));
        return image;
    }

    /** All that a change makes of an image in so many draws, each as a list of 0 to 255. */
    static Set<List<Integer>> outcomes(Transform transform, byte[] image, int draws) {
        Set<List<Integer>> seen = new HashSet<>();
        IntStream.range(0, draws).forEach(draw -> seen.add(values(transform.apply(image.clone(), random(draw)))));
        return seen;
    }

    static KeyedRandom random(long key) {
        return KeyedRandom.of("test", key);
    }

    static List<Integer> values(byte[] image) {
        return IntStream.range(0, image.length).mapToObj(k -> image[k] & 0xff).toList();
    }

    /** Twelve training images of 3x12x10 noise in two classes, and as many to test on. */
    static ImageSet noise() {
        return ImageSet.of(
                "noise",
                "noise",
                3,
                12,
                10,
                List.of("a", "b"),
                Normalization.ofMeanStd(List.of(0.5, 0.4, 0.3), List.of(0.2, 0.2, 0.2)),
                noise(1),
                noise(2));
    }

    private static Samples noise(long seed) {
        KeyedRandom random = random(seed);
        byte[] pixels = new byte[12 * 3 * 12 * 10];
        IntStream.range(0, pixels.length).forEach(k -> pixels[k] = (byte) random.nextInt(256));
        byte[] labels = new byte[12];
        IntStream.range(0, 12).forEach(k -> labels[k] = (byte) (k < 9 ? 0 : 1));
        return new Samples(pixels, labels);
    }
}
