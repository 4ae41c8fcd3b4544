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
 * Fetches the files of a data set, from whichever mirror has them, into a cache directory. A file counts only when its
 * digest is the one that its publisher gives.
 */
final class Download {
    private static final Logger LOGGER = Logger.getLogger(Download.class);

    private final String title;
    private final String remedy;
    private final List<RemoteFile> files;
    private final List<URI> mirrors;
    private final Path directory;
    private final Duration timeout;

    /**
     * Nothing happens yet.
     *
     * @param title of the data set, for people
     * @param files what is to be fetched
     * @param mirrors base addresses, each ending in a slash, the preferred one first
     * @param directory the cache
     * @param timeout to connect to a mirror, and between two pieces of data
     */
    Download(String title, List<RemoteFile> files, List<URI> mirrors, Path directory, Duration timeout) {
        this.title = title;
        this.remedy = "check the network, set millrace.dataset.data-dir (--data-dir) to a directory with the files of "
                + title + ", or use the data set strokes";
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
                            + "); set millrace.dataset.cache-dir to a writable directory, or " + remedy,
                    e);
        }
    }

    private void fetch(RemoteFile remote) throws IOException {
        Path file = directory.resolve(remote.name());
        if (Files.exists(file)) {
            String found = digest(file, remote);
            if (found.equals(remote.digest())) {
                return;
            }
            LOGGER.warnf("A cached file is not what it was; it is fetched again. file=%s digest=%s", file, found);
            Files.delete(file);
        }
        List<String> failures = new ArrayList<>();
        for (URI mirror : List.copyOf(mirrors)) {
            try {
                fetch(mirror, remote, file);
                prefer(mirror);
                return;
            } catch (IOException e) {
                LOGGER.infof("A mirror failed. url=%s reason=\"%s\"", mirror.resolve(remote.name()), reason(e));
                failures.add(mirror + ": " + reason(e));
            }
        }
        throw new DatasetUnavailableException(title + " cannot be downloaded: no mirror gave " + file.getFileName()
                + " (" + String.join("; ", failures) + "); " + remedy);
    }

    private void fetch(URI mirror, RemoteFile remote, Path file) throws IOException {
        URI from = mirror.resolve(remote.name());
        Path partial = file.resolveSibling(file.getFileName() + "." + Integer.toHexString(mirror.hashCode()) + ".part");
        ResumableDownload download = new ResumableDownload(from, partial, timeout, () -> false);
        download.complete();
        String found = digest(partial, remote);
        if (!found.equals(remote.digest())) {
            download.discard();
            throw new IOException((remote.ofContent() ? "its content has " : "it has ") + remote.algorithm() + " "
                    + found + ", expected " + remote.digest());
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

    private static String digest(Path path, RemoteFile remote) throws IOException {
        MessageDigest digest = ImageSet.digest(remote.algorithm());
        try (InputStream file = Files.newInputStream(path);
                InputStream in = remote.ofContent() ? new GZIPInputStream(file, 1 << 16) : file) {
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
