// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.start;

import io.millrace.http.download.HttpStatusException;
import io.millrace.http.download.ResumableDownload;
import io.millrace.model.RefusedRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Fetches files with weights into a directory, each under its digest: a file that is there and whole is not fetched again,
 * one that is there in part is gone on with. Processes that share the directory wait for each other. For one thread.
 */
public final class WeightsCache {
    private static final Logger LOGGER = Logger.getLogger(WeightsCache.class);

    private final Path directory;
    private final Duration timeout;
    private final BooleanSupplier stopping;

    /**
     * Nothing happens yet.
     *
     * @param directory is made where it is not there
     * @param timeout to connect, and between two pieces of data
     * @param stopping whether the process is asked to stop: a download is left where it is then
     */
    public WeightsCache(Path directory, Duration timeout, BooleanSupplier stopping) {
        this.directory = directory;
        this.timeout = timeout;
        this.stopping = stopping;
    }

    /**
     * The file of a digest.
     *
     * @param from where it is fetched from when it is not there
     * @param sha256 hex
     * @throws RefusedRequestException when the address has no such file
     * @throws IOException when it cannot be had now
     */
    Path fetch(URI from, String sha256) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(sha256 + ".safetensors");
        try (FileChannel channel = FileChannel.open(
                        directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            LOGGER.debugf("Cache locked. lock=%s", lock);
            if (Files.exists(file)) {
                String found = sha256(file);
                if (found.equals(sha256)) {
                    return file;
                }
                LOGGER.warnf("A cached file is not what it was; it is fetched again. file=%s sha256=%s", file, found);
                Files.delete(file);
            }
            download(from, sha256, file);
        }
        return file;
    }

    private void download(URI from, String sha256, Path file) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        ResumableDownload download = new ResumableDownload(from, partial, timeout, stopping);
        LOGGER.infof("Fetching weights. url=%s", from);
        try {
            download.complete();
        } catch (HttpStatusException e) {
            if (e.isFinal()) {
                throw new RefusedRequestException(
                        from + " cannot be fetched: " + e.getMessage() + "; order the run with another address");
            }
            throw unreachable(from, e);
        } catch (IOException e) {
            throw unreachable(from, e);
        }
        String found = sha256(partial);
        if (!found.equals(sha256)) {
            download.discard();
            throw new RefusedRequestException(from + " has SHA-256 " + found + ", expected " + sha256
                    + "; order the run with the right digest," + " or with an address that has the right file");
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        download.discard();
        LOGGER.infof("Weights fetched. url=%s file=%s", from, file);
    }

    private static IOException unreachable(URI from, IOException cause) {
        return new IOException(from + " cannot be fetched now: " + cause, cause);
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
