// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.http.download.ResumableDownload;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jboss.logging.Logger;

/**
 * Fetches MNIST's files, from whichever mirror has them, into a cache directory. A file counts only when the SHA-256 of
 * its uncompressed content is the original's.
 */
final class MnistDownload {
    private static final Logger LOGGER = Logger.getLogger(MnistDownload.class);
    private static final String REMEDY =
            "check the network, set millrace.dataset.data-dir (--data-dir) to a directory with"
                    + " MNIST's four files, or use the data set strokes";

    private final List<RemoteFile> files;
    private final List<URI> mirrors;
    private final Path directory;
    private final Duration timeout;

    /**
     * Nothing happens yet.
     *
     * @param files what is to be fetched
     * @param mirrors base addresses, each ending in a slash, the preferred one first
     * @param directory the cache
     * @param timeout to connect to a mirror, and between two pieces of data
     */
    MnistDownload(List<RemoteFile> files, List<URI> mirrors, Path directory, Duration timeout) {
        this.files = List.copyOf(files);
        this.mirrors = new ArrayList<>(mirrors);
        this.directory = directory;
        this.timeout = timeout;
    }

    /**
     * Fetches what is not there yet. Processes that share the cache wait for each other.
     *
     * @return the directory with the files
     * @throws DatasetUnavailableException naming each mirror and what went wrong there
     */
    Path fetch() throws DatasetUnavailableException {
        try {
            Files.createDirectories(directory);
            try (FileChannel channel = FileChannel.open(
                            directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                LOGGER.debugf("Cache locked. lock=%s", lock);
                for (RemoteFile file : files) {
                    fetch(file);
                }
            }
            return directory;
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetUnavailableException(
                    "the cache directory " + directory + " cannot be used (" + e
                            + "); set millrace.dataset.cache-dir to a writable directory, or " + REMEDY,
                    e);
        }
    }

    private void fetch(RemoteFile remote) throws IOException {
        Path file = directory.resolve(remote.zippedName());
        if (Files.exists(file)) {
            String found = sha256(file);
            if (found.equals(remote.sha256())) {
                return;
            }
            LOGGER.warnf("A cached file is not what it was; it is fetched again. file=%s sha256=%s", file, found);
            Files.delete(file);
        }
        List<String> failures = new ArrayList<>();
        for (URI mirror : List.copyOf(mirrors)) {
            try {
                fetch(mirror, remote, file);
                prefer(mirror);
                return;
            } catch (IOException e) {
                LOGGER.infof("A mirror failed. url=%s reason=\"%s\"", mirror.resolve(remote.zippedName()), reason(e));
                failures.add(mirror + ": " + reason(e));
            }
        }
        throw new DatasetUnavailableException("MNIST cannot be downloaded: no mirror gave " + file.getFileName() + " ("
                + String.join("; ", failures) + "); " + REMEDY);
    }

    private void fetch(URI mirror, RemoteFile remote, Path file) throws IOException {
        URI from = mirror.resolve(remote.zippedName());
        Path partial = file.resolveSibling(file.getFileName() + "." + Integer.toHexString(mirror.hashCode()) + ".part");
        ResumableDownload download = new ResumableDownload(from, partial, timeout, () -> false);
        download.complete();
        String found = sha256(partial);
        if (!found.equals(remote.sha256())) {
            download.discard();
            throw new IOException("its content has SHA-256 " + found + ", expected " + remote.sha256());
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        download.discard();
        LOGGER.infof("Downloaded. url=%s file=%s", from, file);
    }

    /** A mirror that answered is asked first for the next file. */
    private void prefer(URI mirror) {
        mirrors.remove(mirror);
        mirrors.add(0, mirror);
    }

    private static String sha256(Path zipped) throws IOException {
        MessageDigest digest = ImageSet.sha256();
        try (InputStream file = Files.newInputStream(zipped);
                InputStream in = new GZIPInputStream(file, 1 << 16)) {
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (ZipException | EOFException e) {
            return "of no whole gzip file";
        }
    }

    private static String reason(IOException e) {
        if (e instanceof UnknownHostException) {
            return "host unknown";
        }
        if (e instanceof ConnectException || e instanceof SocketTimeoutException) {
            return "no connection (" + e.getMessage() + ")";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
