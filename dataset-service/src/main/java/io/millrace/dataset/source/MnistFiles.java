// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.Normalization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** MNIST from its four files in a directory: the original or a part of it, each file plain or gzipped. */
final class MnistFiles {
    static final String NAME = "mnist";
    static final int SIDE = 28;
    static final List<String> CLASSES =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    /** Mean and standard deviation of the original training pixels, as everybody uses them. */
    static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081));

    private static final String REMEDY =
            "set millrace.dataset.data-dir (--data-dir) to a directory with MNIST's four files, or use the data set strokes";

    /** Images and labels for training, then for testing, with the SHA-256 of the original's content. */
    static final List<RemoteFile> ORIGINAL = List.of(
            new RemoteFile(
                    "train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            new RemoteFile(
                    "train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            new RemoteFile(
                    "t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            new RemoteFile(
                    "t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    private MnistFiles() {}

    /**
     * Reads a directory.
     *
     * @throws DatasetUnavailableException when files are missing, wrong, or do not belong together
     */
    static ImageSet read(Path directory) throws DatasetUnavailableException {
        if (!Files.isDirectory(directory)) {
            throw new DatasetUnavailableException("the data directory " + directory + " is no directory; " + REMEDY);
        }
        List<Path> files = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (RemoteFile file : ORIGINAL) {
            find(directory, file).ifPresentOrElse(files::add, () -> missing.add(file.name() + "[.gz]"));
        }
        if (!missing.isEmpty()) {
            throw new DatasetUnavailableException(
                    "the data directory " + directory + " lacks " + String.join(", ", missing) + "; " + REMEDY);
        }
        Samples train = split(files.get(0), files.get(1));
        Samples test = split(files.get(2), files.get(3));
        return ImageSet.of(NAME, 1, SIDE, SIDE, CLASSES, NORMALIZATION, train, test);
    }

    private static Optional<Path> find(Path directory, RemoteFile file) {
        Path plain = directory.resolve(file.name());
        Path zipped = directory.resolve(file.zippedName());
        return Files.isRegularFile(plain)
                ? Optional.of(plain)
                : Optional.of(zipped).filter(Files::isRegularFile);
    }

    private static Samples split(Path images, Path labels) throws DatasetUnavailableException {
        Samples samples = new Samples(IdxFile.images(images, SIDE, SIDE), IdxFile.labels(labels, CLASSES.size()));
        int count = samples.pixels().length / (SIDE * SIDE);
        if (count != samples.size()) {
            throw new DatasetUnavailableException(images + " has " + count + " images, but " + labels + " has "
                    + samples.size() + " labels; use two files that belong together");
        }
        return samples;
    }
}
