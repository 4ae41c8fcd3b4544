// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.InputConvention;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The binary version of CIFAR-10 and CIFAR-100: files in a directory, in the folder in which their archive has them, or in
 * that archive. Their format is said on <a href="https://www.cs.toronto.edu/~kriz/cifar.html">their page</a>. Immutable.
 */
record CifarFiles(
        String name,
        String archive,
        String folder,
        int labelBytes,
        int classes,
        List<String> train,
        String test,
        String names) {
    static final CifarFiles CIFAR10 = new CifarFiles(
            "cifar10",
            "cifar-10-binary.tar.gz",
            "cifar-10-batches-bin",
            1,
            10,
            IntStream.rangeClosed(1, 5)
                    .mapToObj(k -> "data_batch_" + k + ".bin")
                    .toList(),
            "test_batch.bin",
            "batches.meta.txt");
    static final CifarFiles CIFAR100 = new CifarFiles(
            "cifar100",
            "cifar-100-binary.tar.gz",
            "cifar-100-binary",
            2,
            100,
            List.of("train.bin"),
            "test.bin",
            "fine_label_names.txt");

    /** Largest file that one of the archives has, and some more. */
    private static final long MOST_BYTES = 256L << 20;

    private static final int SIDE = 32;

    /** The same under another name. */
    CifarFiles called(String other) {
        return new CifarFiles(other, archive, folder, labelBytes, classes, train, test, names);
    }

    /** Whether a directory is meant to be one of these. */
    boolean isIn(Path directory) {
        return Files.exists(directory.resolve(train.get(0)))
                || Files.exists(directory.resolve(folder).resolve(train.get(0)))
                || Files.isRegularFile(directory.resolve(archive));
    }

    /**
     * Reads a directory.
     *
     * @param cache where the archive is unpacked to, if that is what there is
     * @throws DatasetUnavailableException when files are missing or wrong
     */
    DataSource read(Path directory, Path cache) throws DatasetUnavailableException {
        try {
            return read(place(directory, cache));
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetUnavailableException(
                    "the files of " + name + " in " + directory + " cannot be read (" + e
                            + "); make them readable for this user, and millrace.dataset.cache-dir writable",
                    e);
        }
    }

    private Path place(Path directory, Path cache) throws IOException {
        for (Path place : List.of(directory, directory.resolve(folder))) {
            if (Files.exists(place.resolve(train.get(0)))) {
                return place;
            }
        }
        Path packed = directory.resolve(archive);
        if (Files.isRegularFile(packed)) {
            return unpack(packed, cache.resolve(folder));
        }
        throw new DatasetUnavailableException("the data directory " + directory + " lacks " + train.get(0) + ", "
                + folder + " and " + archive + "; set millrace.dataset.data-dir (--data-dir) to a directory with one"
                + " of them");
    }

    private List<String> all() {
        List<String> all = new ArrayList<>(train);
        all.addAll(List.of(test, names));
        return all;
    }

    /** Only the files that are known by name are taken from the archive, each whole or not at all. */
    private Path unpack(Path packed, Path into) throws IOException {
        Files.createDirectories(into);
        Set<String> wanted = new HashSet<>(all());
        try (InputStream file = Files.newInputStream(packed);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file, 1 << 16))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String simple = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                if (entry.isFile() && entry.getSize() <= MOST_BYTES && wanted.remove(simple)) {
                    Path part = into.resolve(simple + ".part");
                    Files.copy(tar, part, StandardCopyOption.REPLACE_EXISTING);
                    Files.move(part, into.resolve(simple), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new DatasetUnavailableException(
                    packed + " is no whole tar.gz (" + e.getMessage() + "); replace it by an intact one", e);
        }
        if (!wanted.isEmpty()) {
            throw new DatasetUnavailableException(packed + " lacks "
                    + String.join(", ", wanted.stream().sorted().toList()) + "; replace it by " + archive
                    + " as it is published");
        }
        return into;
    }

    private DataSource read(Path directory) throws IOException {
        List<CifarFile> training = new ArrayList<>();
        for (String file : train) {
            training.add(CifarFile.open(directory.resolve(file), labelBytes, classes));
        }
        List<CifarFile> testing = List.of(CifarFile.open(directory.resolve(test), labelBytes, classes));
        return new Source(describe(directory, training, testing), training, testing);
    }

    private Dataset describe(Path directory, List<CifarFile> training, List<CifarFile> testing) throws IOException {
        int trained = training.stream().mapToInt(CifarFile::size).sum();
        int tested = testing.stream().mapToInt(CifarFile::size).sum();
        ChannelStatistics statistics = new ChannelStatistics(CifarFile.CHANNELS);
        MessageDigest sha256 = ImageSet.sha256();
        sha256.update((trained + "," + tested + "x" + CifarFile.CHANNELS + "x" + SIDE + "x" + SIDE)
                .getBytes(StandardCharsets.US_ASCII));
        byte[] image = new byte[CifarFile.IMAGE_BYTES];
        for (List<CifarFile> split : List.of(training, testing)) {
            for (CifarFile file : split) {
                for (int k = 0; k < file.size(); k++) {
                    file.read(k, image, 0);
                    sha256.update(image);
                    sha256.update((byte) file.label(k));
                    if (split == training) {
                        statistics.add(image, SIDE * SIDE);
                    }
                }
            }
        }
        return new Dataset(
                        name,
                        HexFormat.of().formatHex(sha256.digest()),
                        trained,
                        tested,
                        CifarFile.CHANNELS,
                        SIDE,
                        SIDE,
                        classNames(directory.resolve(names)),
                        statistics.normalization())
                .with(InputConvention.PHOTO);
    }

    private List<String> classNames(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DatasetUnavailableException(
                    file + " is missing, in which the classes have their names; put it back from " + archive);
        }
        List<String> lines = Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (lines.size() != classes) {
            throw new DatasetUnavailableException(file + ": found " + lines.size() + " names of classes, expected "
                    + classes + "; replace the file by an intact one");
        }
        return lines;
    }

    /** Samples in files that are mapped into memory: they take nothing of the heap. */
    private record Source(Dataset info, List<CifarFile> train, List<CifarFile> test) implements DataSource {
        private List<CifarFile> files(Split split) {
            return split == Split.TRAIN ? train : test;
        }

        @Override
        public int label(Split split, int index) {
            int rest = index;
            for (CifarFile file : files(split)) {
                if (rest < file.size()) {
                    return file.label(rest);
                }
                rest -= file.size();
            }
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public void read(Split split, int index, byte[] into, int offset) {
            int rest = index;
            for (CifarFile file : files(split)) {
                if (rest < file.size()) {
                    file.read(rest, into, offset);
                    return;
                }
                rest -= file.size();
            }
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public Contents contents() {
            try {
                return Contents.of("CIFAR, binary", this, Contents.duplicates(this));
            } catch (DatasetUnavailableException e) {
                throw new IllegalStateException("what is mapped can be read", e);
            }
        }
    }

    /**
     * One of the files.
     *
     * @param records labels and pixels, one sample after the other
     */
    private record CifarFile(ByteBuffer records, int labelBytes, int size) {
        private static final int CHANNELS = 3;
        private static final int IMAGE_BYTES = CHANNELS * SIDE * SIDE;

        static CifarFile open(Path path, int labelBytes, int classes) throws IOException {
            if (!Files.isRegularFile(path)) {
                throw new DatasetUnavailableException(path + " is missing; put it back from the archive");
            }
            long bytes = Files.size(path);
            int each = labelBytes + IMAGE_BYTES;
            if (bytes == 0 || bytes % each != 0 || bytes > MOST_BYTES) {
                throw new DatasetUnavailableException(
                        path + ": found a file of " + bytes + " bytes, expected a multiple of " + each
                                + ", the size of a sample; replace the file by an intact one");
            }
            CifarFile file;
            try (FileChannel channel = FileChannel.open(path)) {
                file = new CifarFile(channel.map(MapMode.READ_ONLY, 0, bytes), labelBytes, (int) (bytes / each));
            }
            for (int k = 0; k < file.size(); k++) {
                if (file.label(k) >= classes) {
                    throw new DatasetUnavailableException(path + ": found label " + file.label(k) + " at index " + k
                            + ", expected labels 0 to " + (classes - 1) + "; replace the file by an intact one");
                }
            }
            return file;
        }

        /** The last label byte: of CIFAR-100 the first one is the coarse label. */
        int label(int index) {
            return records.get(index * (labelBytes + IMAGE_BYTES) + labelBytes - 1) & 0xff;
        }

        void read(int index, byte[] into, int offset) {
            records.get(index * (labelBytes + IMAGE_BYTES) + labelBytes, into, offset, IMAGE_BYTES);
        }
    }
}
