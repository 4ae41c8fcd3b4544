// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads training samples as an epoch is to show them. What becomes of a sample depends on (seed, epoch, sample) alone, and
 * where an epoch shows it more than once on which time it is; not on who reads it, when, or beside what. Each change draws
 * from numbers of its own, so that one more leaves the others as they are. Immutable, so thread-safe.
 */
public final class Augmenter {
    private final long seed;
    private final RandomResizedCrop cut;
    private final List<Named> changes;

    /** A change, and what keeps its random numbers apart. */
    private record Named(String purpose, Transform transform) {}

    private Augmenter(long seed, RandomResizedCrop cut, List<Named> changes) {
        this.seed = seed;
        this.cut = cut;
        this.changes = changes;
    }

    /**
     * What a recipe asks for.
     *
     * @param data whose images they are
     * @param seed of the run
     */
    public static Augmenter of(Augmentation wanted, Dataset data, long seed) {
        ImageShape shape = data.shape();
        List<Named> changes = new ArrayList<>();
        add(changes, "randomAffine", wanted.randomAffine(), settings -> new RandomAffine(settings, shape));
        // Its random numbers are those that it had before there was anything else.
        add(changes, "shift", shift(wanted.shift()), settings -> new RandomCrop(settings, shape));
        add(changes, "randomCrop", wanted.randomCrop(), settings -> new RandomCrop(settings, shape));
        add(
                changes,
                "randomHorizontalFlip",
                wanted.randomHorizontalFlip(),
                settings -> new RandomHorizontalFlip(settings.p(), shape));
        add(changes, "colorJitter", wanted.colorJitter(), settings -> new ColorJitter(settings, shape));
        add(
                changes,
                "randomErasing",
                wanted.randomErasing(),
                settings -> new RandomErasing(settings, shape, data.normalization()));
        RandomResizedCrop cut =
                wanted.randomResizedCrop() == null ? null : new RandomResizedCrop(wanted.randomResizedCrop(), shape);
        return new Augmenter(seed, cut, changes);
    }

    private static Augmentation.RandomCrop shift(int pixels) {
        return pixels == 0 ? null : new Augmentation.RandomCrop(pixels, null, null);
    }

    private static <T> void add(List<Named> changes, String purpose, T settings, Function<T, Transform> made) {
        if (settings != null) {
            changes.add(new Named(purpose, made.apply(settings)));
        }
    }

    /**
     * Reads a training sample.
     *
     * @param sample its number in the training split
     * @param epoch from 0
     * @param time how often the epoch has shown it before
     * @param into holds the image from {@code offset} on
     * @throws DatasetUnavailableException as {@link DataSource#read} throws it
     */
    public void read(DataSource source, int sample, int epoch, int time, byte[] into, int offset)
            throws DatasetUnavailableException {
        byte[] image = new byte[source.imageSize()];
        if (cut == null) {
            source.read(Split.TRAIN, sample, image, 0);
        } else {
            KeyedRandom random = random("randomResizedCrop", sample, epoch, time);
            source.read(Split.TRAIN, sample, cut.fitting(random), image, 0);
        }
        for (Named change : changes) {
            image = change.transform().apply(image, random(change.purpose(), sample, epoch, time));
        }
        System.arraycopy(image, 0, into, offset, image.length);
    }

    private KeyedRandom random(String purpose, int sample, int epoch, int time) {
        return time == 0 || purpose.equals("shift")
                ? KeyedRandom.of(purpose, seed, epoch, sample)
                : KeyedRandom.of(purpose, seed, epoch, sample, time);
    }
}
