// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.source.folder.PictureFolder;
import io.millrace.http.download.ResumableDownload;
import io.millrace.http.download.TooLargeException;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Data sets that were sent here, each a zip or a tar: for a service on a machine that does not see the pictures. One is
 * there whole and checked, or not at all. Thread-safe.
 */
@Singleton
public class Uploads {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int UNPROCESSABLE = 422;
    private static final int BAD_GATEWAY = 502;

    private final DatasetConfig config;
    private final Decoders decoders;
    private final Path directory;
    /** Names of those that are on their way. */
    private final Set<String> arriving = ConcurrentHashMap.newKeySet();

    Uploads(DatasetConfig config, Decoders decoders) {
        this.config = config;
        this.decoders = decoders;
        this.directory = config.uploadsDir().orElseGet(() -> config.cacheDir().resolve("uploads"));
    }

    /**
     * A data set that was accepted.
     *
     * @param name by which runs ask for it
     * @param sha256 of the archive
     * @param bytes of the archive
     * @param contents what was found in it
     */
    public record Accepted(String name, String sha256, long bytes, Contents contents) {}

    /** A data set cannot be accepted or deleted. */
    public static final class RefusedException extends Exception {
        private final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }

        /** HTTP status. */
        public int status() {
            return status;
        }
    }

    /** Bytes that an archive may have. */
    long most() {
        return config.maxUpload().asLongValue();
    }

    /** The names of those that are there. */
    List<String> names() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> NAME.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            Log.warnf("Uploaded data sets cannot be listed. directory=%s reason=\"%s\"", directory, e);
            return List.of();
        }
    }

    /** Where one lies; empty when there is none of that name. */
    Optional<Path> place(String name) {
        return NAME.matcher(name).matches()
                ? Optional.of(directory.resolve(name)).filter(Files::isRegularFile)
                : Optional.empty();
    }

    /**
     * Makes room for one that comes. Whoever calls this ends with {@link #accept} or {@link #giveUp}.
     *
     * @return the file into which it is to be written
     * @throws RefusedException when the name will not do, or there is such a one
     */
    Path begin(String name) throws RefusedException, IOException {
        if (!NAME.matcher(name).matches()) {
            throw new RefusedException(
                    UNPROCESSABLE,
                    "the name \"" + name
                            + "\" will not do; it must be lower-case letters, digits and '-', at most 40, not beginning with '-'");
        }
        if (DatasetCatalog.NAMES.contains(name)
                || name.equals(DatasetCatalog.FOLDER)
                || DatasetCatalog.own(config).filter(name::equals).isPresent()) {
            throw new RefusedException(CONFLICT, "the name " + name + " stands for another data set; take another one");
        }
        if (!arriving.add(name)) {
            throw new RefusedException(CONFLICT, "a data set " + name + " is being sent by somebody else just now");
        }
        try {
            Files.createDirectories(directory);
            return directory.resolve("." + name + ".part");
        } catch (IOException e) {
            arriving.remove(name);
            throw new IOException(
                    directory + " cannot be used (" + e + "); set millrace.dataset.uploads-dir to a writable directory",
                    e);
        }
    }

    /** Forgets what has come of one. */
    void giveUp(String name) {
        try {
            Leftovers.delete(directory, "." + name + ".part*");
        } finally {
            arriving.remove(name);
        }
    }

    /**
     * Checks what has come, reading every picture of it, and keeps it under its name.
     *
     * @param sha256 that it must have; null: any
     * @throws RefusedException when it is no data set, or another than there is; nothing is kept then
     */
    Accepted accept(String name, String sha256) throws RefusedException, IOException, InterruptedException {
        Path part = directory.resolve("." + name + ".part");
        Path kept = directory.resolve(name);
        try {
            String found = digest(part);
            if (sha256 != null && !sha256.equals(found)) {
                throw new RefusedException(
                        UNPROCESSABLE, "what came has SHA-256 " + found + ", expected " + sha256 + "; send it again");
            }
            boolean there = Files.exists(kept);
            if (there && !digest(kept).equals(found)) {
                throw new RefusedException(
                        CONFLICT,
                        "there is another data set " + name + "; take another name, or DELETE /datasets/" + name
                                + " first: runs that train on it are blocked then");
            }
            // What is there stays the file that it is: what was unpacked of it goes on standing for it.
            DataSource source = open(name, there ? kept : part);
            Accepted accepted = new Accepted(name, found, Files.size(part), source.contents());
            if (!there) {
                Files.move(part, kept, StandardCopyOption.ATOMIC_MOVE);
            }
            Log.infof("Data set accepted. name=%s sha256=%s bytes=%d", name, found, accepted.bytes());
            return accepted;
        } catch (DatasetUnavailableException e) {
            throw new RefusedException(UNPROCESSABLE, e.getMessage().replace(part.toString(), "the archive"));
        } finally {
            if (!Files.exists(kept)) {
                forgetUnpacked(name);
            }
            giveUp(name);
        }
    }

    private void forgetUnpacked(String name) {
        Leftovers.delete(config.cacheDir().resolve(name), "*.tar");
    }

    /** Nobody goes on with what a process left that ended in the middle. */
    void tidy(@Observes StartupEvent event) {
        Leftovers.delete(directory, ".*.part*");
        Leftovers.inEach(config.cacheDir(), "unpacking*.part");
    }

    /** Opens one that is there, or is to be there. */
    DataSource open(String name, Path place) throws DatasetUnavailableException, InterruptedException {
        return PictureFolder.open(name, place, config.cacheDir().resolve(name), options(config), decoders);
    }

    /** What is wanted of pictures by configuration. */
    static PictureFolder.Options options(DatasetConfig config) {
        return new PictureFolder.Options(
                config.imageSize(),
                config.testShare(),
                config.maxBadShare(),
                config.maxUnpacked().asLongValue());
    }

    /**
     * Fetches one from an address.
     *
     * @param uri {@code https:}, or {@code http:} on this machine
     * @param sha256 of the archive, hex
     */
    Accepted fetch(String name, String uri, String sha256) throws RefusedException, IOException, InterruptedException {
        if (sha256 == null || !SHA256.matcher(sha256).matches()) {
            throw new RefusedException(
                    UNPROCESSABLE, "sha256 is " + sha256 + "; it must be the SHA-256 of the archive, 64 hex digits");
        }
        URI from = address(uri);
        Path part = begin(name);
        boolean whole = false;
        try {
            new ResumableDownload(from, part, config.downloadTimeout(), most(), () -> false).complete();
            whole = true;
        } catch (TooLargeException e) {
            Leftovers.delete(directory, "." + name + ".part*");
            throw new RefusedException(
                    UNPROCESSABLE, from + " has more than the " + most() + " bytes of millrace.dataset.max-upload");
        } catch (IOException e) {
            throw new RefusedException(BAD_GATEWAY, from + " cannot be downloaded: " + e.getMessage());
        } finally {
            if (!whole) {
                // What has come stays unless it is too large: the next attempt goes on with it.
                arriving.remove(name);
            }
        }
        return accept(name, sha256);
    }

    private static URI address(String uri) throws RefusedException {
        try {
            URI from = URI.create(String.valueOf(uri));
            boolean here = "localhost".equals(from.getHost()) || "127.0.0.1".equals(from.getHost());
            if (from.getHost() != null
                    && ("https".equals(from.getScheme()) || "http".equals(from.getScheme()) && here)) {
                return from;
            }
        } catch (IllegalArgumentException e) {
            // It is refused below.
        }
        throw new RefusedException(
                UNPROCESSABLE, "uri is " + uri + "; it must be an https: address, such as a presigned one of a bucket");
    }

    /** Deletes one. */
    void delete(String name) throws RefusedException, IOException {
        Path kept = place(name)
                .orElseThrow(() -> new RefusedException(
                        NOT_FOUND, "no data set " + name + " was uploaded; there are " + String.join(", ", names())));
        Files.delete(kept);
        forgetUnpacked(name);
        Log.infof("Data set deleted. name=%s", name);
    }

    private static String digest(Path file) throws IOException {
        MessageDigest sha256 = ImageSet.sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
