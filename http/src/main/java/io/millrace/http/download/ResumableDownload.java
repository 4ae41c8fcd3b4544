// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.download;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Downloads one file over HTTP into a {@code .part} file and goes on there when the connection breaks, also in a later
 * process. What the server calls this version of the file (its ETag or date) lies beside it: another version is never
 * appended. For one thread.
 */
public final class ResumableDownload {
    private static final Logger LOGGER = Logger.getLogger(ResumableDownload.class);
    private static final int FRUITLESS_ATTEMPTS = 3;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:(\\d+)-\\d+|\\*)/(\\d+)");

    private final URI from;
    private final Path part;
    private final Path version;
    private final Duration timeout;
    private final long most;
    private final BooleanSupplier stopping;

    /** A file of any size. */
    public ResumableDownload(URI from, Path part, Duration timeout, BooleanSupplier stopping) {
        this(from, part, timeout, Long.MAX_VALUE, stopping);
    }

    /**
     * Nothing happens yet.
     *
     * @param from where
     * @param part what has arrived so far
     * @param timeout to connect, and between two pieces of data
     * @param most bytes that the file may have
     * @param stopping whether the process is asked to stop: what has arrived stays, and the download fails
     */
    public ResumableDownload(URI from, Path part, Duration timeout, long most, BooleanSupplier stopping) {
        this.from = from;
        this.part = part;
        this.version = part.resolveSibling(part.getFileName() + ".version");
        this.timeout = timeout;
        this.most = most;
        this.stopping = stopping;
    }

    /**
     * Downloads until the file is whole, for as long as attempts bring something.
     *
     * @throws HttpStatusException when the server answers otherwise
     * @throws TooLargeException as soon as it is known that the file has too many bytes
     * @throws IOException with the reason of the last attempt
     */
    public void complete() throws IOException {
        int fruitless = 0;
        while (true) {
            long before = have();
            try {
                attempt();
                return;
            } catch (BrokenOff e) {
                fruitless = have() > before ? 0 : fruitless + 1;
                if (fruitless == FRUITLESS_ATTEMPTS) {
                    throw e;
                }
                LOGGER.infof(
                        "Download broke off; it is resumed. url=%s bytes=%d reason=\"%s\"", from, have(), e.reason());
            }
        }
    }

    /** Forgets what has arrived. */
    public void discard() throws IOException {
        Files.deleteIfExists(part);
        Files.deleteIfExists(version);
    }

    private long have() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private void attempt() throws IOException {
        if (!Files.exists(version)) {
            discard(); // nothing says what these bytes are a part of
        }
        long have = have();
        requireFits(have);
        HttpURLConnection connection = (HttpURLConnection) from.toURL().openConnection();
        try {
            connection.setConnectTimeout((int) timeout.toMillis());
            connection.setReadTimeout((int) timeout.toMillis());
            if (have > 0) {
                connection.setRequestProperty("Range", "bytes=" + have + "-");
                connection.setRequestProperty("If-Range", Files.readString(version));
            }
            receive(connection, have);
        } finally {
            connection.disconnect();
        }
    }

    private void receive(HttpURLConnection connection, long have) throws IOException {
        int status = connection.getResponseCode();
        switch (status) {
            case HttpURLConnection.HTTP_OK -> {
                discard();
                noteVersion(connection);
                append(connection, 0, connection.getContentLengthLong());
            }
            case HttpURLConnection.HTTP_PARTIAL -> append(connection, have, totalOf(connection, have));
            case RANGE_NOT_SATISFIABLE -> {
                if (total(connection, null) != have) {
                    discard();
                    throw new BrokenOff("what had arrived is no part of the file any more", null);
                }
            }
            default -> throw new HttpStatusException(status);
        }
    }

    /** The total size, if the answer is really the rest that was asked for. */
    private long totalOf(HttpURLConnection connection, long have) throws IOException {
        long total = total(connection, Long.toString(have));
        if (total < 0) {
            discard();
            throw new BrokenOff(
                    "asked for bytes from " + have + ", got " + connection.getHeaderField("Content-Range"), null);
        }
        return total;
    }

    private static long total(HttpURLConnection connection, String start) {
        Matcher range = CONTENT_RANGE.matcher(String.valueOf(connection.getHeaderField("Content-Range")));
        boolean asked = range.matches() && Objects.equals(range.group(1), start);
        return asked ? Long.parseLong(range.group(2)) : -1;
    }

    private void noteVersion(HttpURLConnection connection) throws IOException {
        String tag = connection.getHeaderField("ETag");
        String date = connection.getHeaderField("Last-Modified");
        if (tag != null && !tag.startsWith("W/")) {
            Files.writeString(version, tag);
        } else if (date != null) {
            Files.writeString(version, date);
        }
    }

    private void requireFits(long bytes) throws TooLargeException {
        if (bytes > most) {
            throw new TooLargeException(most);
        }
    }

    private void append(HttpURLConnection connection, long have, long total) throws IOException {
        requireFits(total);
        try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            copy(connection, out, have);
        }
        if (total >= 0 && have() != total) {
            throw new BrokenOff((have() - have) + " of " + (total - have) + " bytes came", new EOFException());
        }
    }

    private void copy(HttpURLConnection connection, OutputStream out, long have) throws IOException {
        long bytes = have;
        try (InputStream in = connection.getInputStream()) {
            byte[] buffer = new byte[1 << 16];
            while (true) {
                int count;
                try {
                    count = in.read(buffer);
                } catch (IOException e) {
                    throw new BrokenOff("the connection broke: " + e.getMessage(), e);
                }
                if (count < 0) {
                    return;
                }
                bytes += count;
                requireFits(bytes);
                out.write(buffer, 0, count);
                if (stopping.getAsBoolean()) {
                    throw new InterruptedIOException("the process is asked to stop");
                }
            }
        }
    }

    /** The transfer ended too early; to try again may help. */
    private static final class BrokenOff extends IOException {
        BrokenOff(String message, Throwable cause) {
            super(message, cause);
        }

        String reason() {
            return getMessage();
        }
    }
}
