// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import io.millrace.local.Refusal;
import io.millrace.local.classify.PredictionTable.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Classifies the pictures of a folder, several at a time, into a table, in the order of their names. A server that goes
 * away is waited for. To be run once.
 */
public final class FolderClassification {
    /** Enough to keep a server busy while others of them are on their way. */
    private static final int IN_FLIGHT = 8;
    /** Of a picture that the server, which answers others, does not answer. */
    private static final int ATTEMPTS = 3;

    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final ClassifyClient client;
    private final Duration patience;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Tally tally;
    private final PictureFolder folder;
    private final Path csv;
    private final boolean overwrite;
    private volatile long latestAnswer = System.nanoTime();

    /**
     * @param client who is asked
     * @param patience how long a server may be away
     * @param folder with pictures
     * @param csv where the table goes
     * @param overwrite whether a file that is there is replaced
     * @throws Refusal when there is nothing to classify, nobody who does it, or nowhere to write to; nothing is written
     *     then
     */
    public FolderClassification(ClassifyClient client, Duration patience, Path folder, Path csv, boolean overwrite)
            throws InterruptedException {
        this.client = client;
        this.patience = patience;
        this.folder = PictureFolder.of(folder);
        this.csv = csv;
        this.overwrite = overwrite;
        this.tally = new Tally(this.folder.pictures().size(), this.folder.others());
        PredictionTable.requireNew(csv, overwrite);
        requireServing();
    }

    private void requireServing() throws InterruptedException {
        try {
            if (!client.serves()) {
                throw new Refusal(
                        "no model is served at " + client.uri() + " yet. Try again when one is: ./millrace status");
            }
        } catch (IOException e) {
            throw new Refusal(
                    "nothing answers at " + client.uri()
                            + ". Start a stack with ./millrace up or ./millrace serve, or name "
                            + "the port of the one that runs with --port N",
                    e);
        }
    }

    /**
     * Does it.
     *
     * @param progress is told after each picture
     * @return how it went
     * @throws Refusal when the server stays away, or the table cannot be written any more; what is done is in the table
     */
    public Tally run(Consumer<Tally> progress) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT);
        try (PredictionTable table = PredictionTable.begin(csv, overwrite)) {
            folder.unreadable().forEach((name, reason) -> write(table, Row.failed(name, reason), progress));
            Deque<Future<Row>> asked = new ArrayDeque<>();
            for (String name : folder.pictures()) {
                if (asked.size() == 2 * IN_FLIGHT) {
                    write(table, next(asked), progress);
                }
                asked.addLast(threads.submit(() -> row(name)));
            }
            while (!asked.isEmpty()) {
                write(table, next(asked), progress);
            }
        } catch (IOException e) {
            throw new Refusal(csv + " cannot be written to its end: " + e, e);
        } finally {
            over.countDown();
            threads.shutdownNow();
        }
        return tally;
    }

    private void write(PredictionTable table, Row row, Consumer<Tally> progress) {
        table.write(row);
        tally.count(row.label());
        progress.accept(tally);
    }

    private Row next(Deque<Future<Row>> asked) throws InterruptedException {
        try {
            return asked.removeFirst().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof GoneException gone ? gone(gone) : new IllegalStateException(e.getCause());
        }
    }

    private Refusal gone(GoneException gone) {
        return new Refusal("nothing has answered at " + client.uri() + " for " + patience.toSeconds() + " s: "
                + gone.getMessage() + ". " + tally.done() + " of " + tally.all() + " pictures are in " + csv
                + ". When it serves again, run this once more with --overwrite");
    }

    private Row row(String name) throws InterruptedException, GoneException {
        Path file = folder.path().resolve(name);
        long pause = FIRST_PAUSE_MILLIS;
        for (int attempt = 1; ; ) {
            try {
                Row row = Row.of(name, client.classify(file));
                latestAnswer = System.nanoTime();
                return row;
            } catch (UnansweredException e) {
                // A server that does others and not this one will not in the end either.
                if (!e.isPassing() || serves() && attempt++ == ATTEMPTS) {
                    return Row.failed(name, e.getMessage());
                }
                if (System.nanoTime() - latestAnswer > patience.toNanos() || over.getCount() == 0) {
                    throw new GoneException("the last one " + e.getMessage());
                }
            }
            over.await(pause, TimeUnit.MILLISECONDS);
            pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
        }
    }

    private boolean serves() throws InterruptedException {
        try {
            boolean serves = client.serves();
            latestAnswer = serves ? System.nanoTime() : latestAnswer;
            return serves;
        } catch (IOException e) {
            return false;
        }
    }

    /** The server has been away for too long. */
    private static final class GoneException extends Exception {
        GoneException(String message) {
            super(message);
        }
    }
}
