// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.contracts.Normalization;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;

/**
 * What came out when every picture was read. It is kept in the cache, under a digest of all files and of what was asked for.
 *
 * @param channels of the images as they are trained on
 * @param height likewise
 * @param width likewise
 * @param sizes of the pictures as they were found, in words: width x height
 * @param digest SHA-256 (hex) over the pixels of all images, and their labels
 * @param normalization of the training split
 * @param duplicates images of the test split whose very pixels are in the training split
 * @param unusable by number of the file, why it cannot be used
 */
record Findings(
        int channels,
        int height,
        int width,
        String sizes,
        String digest,
        Normalization normalization,
        int duplicates,
        Map<Integer, String> unusable) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What an earlier process has found; empty when there is nothing that can be read. */
    static Optional<Findings> kept(Path file) {
        try {
            return Files.exists(file) ? Optional.of(JSON.readValue(file.toFile(), Findings.class)) : Optional.empty();
        } catch (IOException e) {
            Log.infof("What was found out earlier cannot be read; all pictures are read again. file=%s", file);
            return Optional.empty();
        }
    }

    /** Keeps it for later processes, which can do without. */
    void keep(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Path part = Files.createTempFile(file.getParent(), "findings", ".part");
            JSON.writeValue(part.toFile(), this);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Log.warnf(
                    "What was found out cannot be kept; the next start reads all pictures again."
                            + " file=%s reason=\"%s\"; make millrace.dataset.cache-dir writable",
                    file, e);
        }
    }
}
