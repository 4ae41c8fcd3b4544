// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.dataset.source.folder.PictureFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A place in which a data set lies, of whatever kind: IDX files, CIFAR's files, or pictures in a directory, a zip or a tar.
 *
 * @param path of the directory or archive
 */
record DataPlace(Path path) {
    private static final int MOST_CHARACTERS = 40;

    /**
     * A name made of the place's own, for runs and models: lower-case letters, digits and {@code -}.
     *
     * @param otherwise where nothing of it can be used
     */
    String name(String otherwise) {
        String file = path.toAbsolutePath().normalize().getFileName() == null
                ? ""
                : path.toAbsolutePath().normalize().getFileName().toString();
        String slug = file.toLowerCase(Locale.ROOT)
                .replaceFirst("\\.(zip|tar|tgz|tar\\.gz)$", "")
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+", "");
        slug = slug.substring(0, Math.min(MOST_CHARACTERS, slug.length())).replaceAll("-+$", "");
        return slug.isEmpty() ? otherwise : slug;
    }

    /** Whether it holds IDX files, which are read into memory. */
    boolean isIdx() {
        try {
            return Files.isDirectory(path) && IdxDirectory.isOne(path);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether it holds the files of a published set. */
    boolean holds(PublicSet set) {
        return switch (set) {
            case MNIST, FASHION_MNIST, KMNIST -> isIdx();
            case CIFAR10 -> CifarFiles.CIFAR10.isIn(path);
            case CIFAR100 -> CifarFiles.CIFAR100.isIn(path);
        };
    }

    /**
     * Finds out what it is, and reads it.
     *
     * @param name of the data set
     * @param cache directory for what is unpacked and found out
     * @throws DatasetUnavailableException when it is no data set
     */
    DataSource open(String name, Path cache, PictureFolder.Options options, Decoders decoders)
            throws DatasetUnavailableException, InterruptedException {
        if (isIdx()) {
            return IdxDirectory.any(name).read(path);
        }
        for (CifarFiles cifar : new CifarFiles[] {CifarFiles.CIFAR10, CifarFiles.CIFAR100}) {
            if (cifar.isIn(path)) {
                return cifar.called(name).read(path, cache);
            }
        }
        return PictureFolder.open(name, path, cache, options, decoders);
    }
}
