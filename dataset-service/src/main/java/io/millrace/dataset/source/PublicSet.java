// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.InputConvention;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Data sets that others have published, with the digests of their files. */
enum PublicSet {
    /**
     * Handwritten digits (LeCun, Cortes, Burges). The digests are those of the original's content; mean and standard
     * deviation as everybody uses them.
     */
    MNIST(
            "mnist",
            "MNIST",
            List.of(
                    RemoteFile.ofContent(
                            "train-images-idx3-ubyte.gz",
                            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
                    RemoteFile.ofContent(
                            "train-labels-idx1-ubyte.gz",
                            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
                    RemoteFile.ofContent(
                            "t10k-images-idx3-ubyte.gz",
                            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
                    RemoteFile.ofContent(
                            "t10k-labels-idx1-ubyte.gz",
                            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"))) {
        @Override
        DataSource read(Path directory, Path cache) throws DatasetUnavailableException {
            return idx(
                            IntStream.range(0, 10).mapToObj(Integer::toString).toList(),
                            Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081)))
                    .read(directory);
        }
    },

    /** Clothes; MD5 from <a href="https://github.com/zalandoresearch/fashion-mnist#get-the-data">its README</a>. */
    FASHION_MNIST(
            "fashion-mnist",
            "Fashion-MNIST",
            List.of(
                    RemoteFile.ofMd5("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                    RemoteFile.ofMd5("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                    RemoteFile.ofMd5("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                    RemoteFile.ofMd5("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"))) {
        @Override
        DataSource read(Path directory, Path cache) throws DatasetUnavailableException {
            return idx(
                            List.of(
                                    "T-shirt/top",
                                    "Trouser",
                                    "Pullover",
                                    "Dress",
                                    "Coat",
                                    "Sandal",
                                    "Shirt",
                                    "Sneaker",
                                    "Bag",
                                    "Ankle boot"),
                            null)
                    .read(directory)
                    .with(InputConvention.PHOTO);
        }
    },

    /**
     * Ten hiragana (Clanuwat et al. 2018). Its page gives no digests; the MD5 are those of
     * <a href="https://github.com/pytorch/vision/blob/main/torchvision/datasets/mnist.py">torchvision</a>.
     */
    KMNIST(
            "kmnist",
            "KMNIST",
            List.of(
                    RemoteFile.ofMd5("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
                    RemoteFile.ofMd5("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
                    RemoteFile.ofMd5("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
                    RemoteFile.ofMd5("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"))) {
        @Override
        DataSource read(Path directory, Path cache) throws DatasetUnavailableException {
            return idx(List.of("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"), null)
                    .read(directory);
        }
    },

    /** Ten kinds of things; MD5 from <a href="https://www.cs.toronto.edu/~kriz/cifar.html">its page</a>. */
    CIFAR10(
            "cifar10",
            "CIFAR-10",
            List.of(RemoteFile.ofMd5("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"))) {
        @Override
        DataSource read(Path directory, Path cache) throws DatasetUnavailableException {
            return CifarFiles.CIFAR10.read(directory, cache);
        }
    },

    /** A hundred kinds of things, by their fine labels; MD5 from the page of CIFAR-10. */
    CIFAR100(
            "cifar100",
            "CIFAR-100",
            List.of(RemoteFile.ofMd5("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"))) {
        @Override
        DataSource read(Path directory, Path cache) throws DatasetUnavailableException {
            return CifarFiles.CIFAR100.read(directory, cache);
        }
    };

    private static final int SIDE = 28;

    private final String label;
    private final String title;
    private final List<RemoteFile> files;

    PublicSet(String label, String title, List<RemoteFile> files) {
        this.label = label;
        this.title = title;
        this.files = files;
    }

    /** The name by which runs ask for it. */
    String label() {
        return label;
    }

    /** The one of a name. */
    static Optional<PublicSet> of(String label) {
        return Stream.of(values()).filter(set -> set.label.equals(label)).findFirst();
    }

    /** The names of all. */
    static List<String> labels() {
        return Stream.of(values()).map(PublicSet::label).toList();
    }

    /**
     * Reads it from its files, whole or a part of the original.
     *
     * @param directory where they lie
     * @param cache where it may unpack what has to be unpacked
     * @throws DatasetUnavailableException when files are missing, wrong, or do not belong together
     */
    abstract DataSource read(Path directory, Path cache) throws DatasetUnavailableException;

    /**
     * What downloads it.
     *
     * @param mirrors base addresses, each ending in a slash
     * @param cache where to
     * @param timeout to connect, and between two pieces of data
     */
    Download download(List<URI> mirrors, Path cache, Duration timeout) {
        return new Download(title, files, mirrors, cache, timeout);
    }

    IdxDirectory idx(List<String> classes, Normalization normalization) {
        return IdxDirectory.of(label, SIDE, classes, normalization);
    }
}
