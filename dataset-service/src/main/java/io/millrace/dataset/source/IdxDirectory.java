// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A data set from four files of the IDX format in a directory, as MNIST and its kin come: images and labels for training
 * and for testing, each plain or gzipped. They are named as MNIST's are, or nearly so: {@code train-images.idx3-ubyte},
 * {@code emnist-letters-test-labels-idx1-ubyte.gz}.
 */
final class IdxDirectory {
    static final String KIND = "IDX files";

    private static final int ANY_LABEL = 256;

    private static final List<Role> ROLES = List.of(
            new Role("train-images-idx3-ubyte", "train", "images", 3),
            new Role("train-labels-idx1-ubyte", "train", "labels", 1),
            new Role("t10k-images-idx3-ubyte", "(t10k|test)", "images", 3),
            new Role("t10k-labels-idx1-ubyte", "(t10k|test)", "labels", 1));

    private final String name;
    private final int side;
    private final List<String> classes;
    private final Normalization normalization;

    private IdxDirectory(String name, int side, List<String> classes, Normalization normalization) {
        this.name = name;
        this.side = side;
        this.classes = classes;
        this.normalization = normalization;
    }

    /** What one of the files is called. */
    private record Role(String usual, Pattern pattern) {
        Role(String usual, String split, String content, int dimensions) {
            this(
                    usual,
                    Pattern.compile(
                            "(.*[-_.])?" + split + "[-_.]" + content + "[-_.]idx" + dimensions + "[-_.]ubyte(\\.gz)?"));
        }
    }

    /**
     * Of images of one size and classes that are known.
     *
     * @param side height and width of the images
     * @param normalization null: it is computed
     */
    static IdxDirectory of(String name, int side, List<String> classes, Normalization normalization) {
        return new IdxDirectory(name, side, classes, normalization);
    }

    /** Of images of any size, and as many classes as the labels say, which give them their names. */
    static IdxDirectory any(String name) {
        return new IdxDirectory(name, 0, List.of(), null);
    }

    /** Whether a directory has at least one such file, so that it is meant to be one of these. */
    static boolean isOne(Path directory) throws IOException {
        for (Role role : ROLES) {
            if (!find(directory, role).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads a directory.
     *
     * @throws DatasetUnavailableException when files are missing, wrong, or do not belong together
     */
    ImageSet read(Path directory) throws DatasetUnavailableException {
        if (!Files.isDirectory(directory)) {
            throw new DatasetUnavailableException("the data directory " + directory + " is no directory; " + remedy());
        }
        List<Path> files = files(directory);
        IdxFile.Images train = IdxFile.images(files.get(0), side, side);
        IdxFile.Images test = IdxFile.images(files.get(2), train.height(), train.width());
        int most = classes.isEmpty() ? ANY_LABEL : classes.size();
        Samples training = split(files.get(0), train, files.get(1), IdxFile.labels(files.get(1), most));
        List<String> names = classes.isEmpty() ? numbers(training) : classes;
        Samples testing = split(files.get(2), test, files.get(3), IdxFile.labels(files.get(3), names.size()));
        return ImageSet.of(KIND, name, 1, train.height(), train.width(), names, normalization, training, testing);
    }

    private List<Path> files(Path directory) throws DatasetUnavailableException {
        List<Path> files = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        try {
            for (Role role : ROLES) {
                List<Path> found = find(directory, role);
                Optional<Path> usual = Stream.of(role.usual(), role.usual() + ".gz")
                        .map(directory::resolve)
                        .filter(found::contains)
                        .findFirst();
                if (usual.isEmpty() && found.size() > 1) {
                    throw new DatasetUnavailableException("the data directory " + directory + " has " + found.size()
                            + " files that may be " + role.usual() + ": "
                            + found.get(0).getFileName() + ", "
                            + found.get(1).getFileName() + "; leave one of them there");
                }
                usual.or(() -> found.stream().findFirst())
                        .ifPresentOrElse(files::add, () -> missing.add(role.usual() + "[.gz]"));
            }
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetUnavailableException(
                    "the data directory " + directory + " cannot be read (" + e + "); make it readable for this user",
                    e);
        }
        if (!missing.isEmpty()) {
            throw new DatasetUnavailableException(
                    "the data directory " + directory + " lacks " + String.join(", ", missing) + "; " + remedy());
        }
        return files;
    }

    private static List<Path> find(Path directory, Role role) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> role.pattern()
                            .matcher(file.getFileName().toString())
                            .matches())
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }

    private static Samples split(Path images, IdxFile.Images read, Path labels, byte[] ofThem)
            throws DatasetUnavailableException {
        int count = read.pixels().length / (read.height() * read.width());
        if (count != ofThem.length) {
            throw new DatasetUnavailableException(images + " has " + count + " images, but " + labels + " has "
                    + ofThem.length + " labels; use two files that belong together");
        }
        return new Samples(read.pixels(), ofThem);
    }

    private static List<String> numbers(Samples samples) {
        int last = IntStream.range(0, samples.size()).map(samples::label).max().orElse(0);
        return IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toList();
    }

    private String remedy() {
        return "set millrace.dataset.data-dir (--data-dir) to a directory with the four files of " + name
                + ", or use the data set strokes";
    }
}
