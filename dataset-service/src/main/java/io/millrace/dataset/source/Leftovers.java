// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that nobody needs any more. One that cannot be deleted takes up room and is in nobody's way: that is said. */
final class Leftovers {
    private Leftovers() {}

    /**
     * Deletes files of a directory, if it is there.
     *
     * @param glob of their names
     */
    static void delete(Path directory, String glob) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            Log.warnf("What is not needed any more cannot be deleted. directory=%s reason=\"%s\"", directory, e);
        }
    }

    /** The same in each directory of one. */
    static void inEach(Path directory, String glob) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(directory, Files::isDirectory)) {
            directories.forEach(one -> delete(one, glob));
        } catch (IOException e) {
            Log.warnf("What is not needed any more cannot be looked for. directory=%s reason=\"%s\"", directory, e);
        }
    }
}
