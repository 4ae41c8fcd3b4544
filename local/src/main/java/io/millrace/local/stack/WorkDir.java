// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import io.millrace.local.process.LogFile;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The directory that holds everything a stack writes: the broker's data, checkpoints, downloads, logs. It is kept from
 * one start to the next, and used by one stack at a time.
 */
public final class WorkDir implements AutoCloseable {
    private static final String LOGS = "logs";

    private final Path path;
    private final Closeable lock;

    private WorkDir(Path path, Closeable lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Opens the directory, made if there is none, for this process alone.
     *
     * @throws Refusal when it cannot be written to, is in use, or is of another version
     */
    public static WorkDir open(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        if (absolute.toString().contains(",")) {
            throw new Refusal(
                    "the work directory " + absolute + " has a comma in its path, at which Kafka would cut it in "
                            + "two. Choose another one with --work-dir DIR");
        }
        try {
            Files.createDirectories(absolute);
            WorkDir opened = new WorkDir(absolute, lock(absolute));
            opened.prepare();
            return opened;
        } catch (IOException e) {
            throw new Refusal(
                    "the work directory " + absolute + " cannot be written to (" + e + "). Make it writable, or choose "
                            + "another one with --work-dir DIR",
                    e);
        }
    }

    /**
     * A directory that is there, to look into, whoever uses it.
     *
     * @throws Refusal when it is none of ours
     */
    public static WorkDir existing(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute.resolve(LOGS))) {
            throw new Refusal("there is no work directory " + absolute + ": nothing was started with it yet. Name "
                    + "another one with --work-dir DIR; ./millrace up makes one");
        }
        return new WorkDir(absolute, () -> {});
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(channel)) {
            channel.close();
            throw new Refusal("the work directory " + directory + " is in use by another ./millrace up or serve. Stop "
                    + "that one, or choose another directory with --work-dir DIR (and other ports with --port N)");
        }
        return channel;
    }

    private void prepare() throws IOException {
        try {
            Layout.check(path);
            for (String directory : List.of("kafka", "checkpoints", "cache", LOGS)) {
                Files.createDirectories(path.resolve(directory));
            }
            Layout.write(path);
        } catch (IOException | Refusal e) {
            lock.close();
            throw e;
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by this very process.
            return false;
        }
    }

    public Path path() {
        return path;
    }

    Path broker() {
        return path.resolve("kafka");
    }

    /** The address of the store that is used unless another one is asked for. */
    String checkpoints() {
        try {
            return new URI("file", null, path.resolve("checkpoints").toString(), null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("an absolute path makes a URI", e);
        }
    }

    /** Downloads. */
    Path cache() {
        return path.resolve("cache");
    }

    /** Writes the file of tokens that services know. */
    Path tokens(String lines) throws IOException {
        return Files.writeString(path.resolve("tokens"), lines + "\n");
    }

    /** What is remembered of a run that has not ended. */
    public UnfinishedRun unfinishedRun() {
        return new UnfinishedRun(path.resolve("unfinished-run.properties"));
    }

    public LogFile log(String name) {
        return new LogFile(path.resolve(LOGS).resolve(name + ".log"));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
