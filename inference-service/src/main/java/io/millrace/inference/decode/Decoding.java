// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.PictureException;
import io.millrace.image.ReadingGate;
import io.millrace.inference.ticket.Ticket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** The images of one request on their way to what a network takes. Run by one thread at a time. */
final class Decoding implements ReadingGate {
    /** Takes some milliseconds. */
    static final int SMALL_PIXELS = 1 << 18;

    private final Ticket ticket;
    private final ImageSources images;
    private final Fitting input;
    private List<ImageSource> sources;
    private final List<Fitted> done = new ArrayList<>();
    private final CompletableFuture<Decoded> result = new CompletableFuture<>();
    private final long submittedAt = System.nanoTime();
    private long decodeNanos;
    private long endedAt;
    private Throwable failure;
    private long pixels;
    private boolean large;

    /** Thrown by the gate where images turn out to be many or large; it is no error. */
    private static final class TurnedLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TurnedLarge() {
            super("large", null, false, false);
        }
    }

    Decoding(Ticket ticket, ImageSources images, Fitting input) {
        this.ticket = ticket;
        this.images = images;
        this.input = input;
    }

    Ticket ticket() {
        return ticket;
    }

    CompletableFuture<Decoded> result() {
        return result;
    }

    /** It may take its time from now on. */
    void mayBeLarge() {
        large = true;
    }

    /**
     * Decodes what is not yet.
     *
     * @return whether it came to an end, which {@link #tell} tells; else it turned out to be large, and goes on where it was
     */
    boolean run() {
        long begin = System.nanoTime();
        try {
            requireAwaited();
            if (sources == null) {
                sources = images.open();
            }
            while (done.size() < sources.size()) {
                requireAwaited();
                done.add(sources.get(done.size()).fitted(input, this));
            }
            // Who waits for the network does not hold what came.
            sources = List.of();
        } catch (TurnedLarge e) {
            return false;
        } catch (PictureException | RuntimeException | Error e) {
            failure = e;
        } finally {
            endedAt = System.nanoTime();
            decodeNanos += endedAt - begin;
        }
        return true;
    }

    private void requireAwaited() {
        if (closed()) {
            throw new CancellationException("nobody waits for these images any more");
        }
    }

    /** Hands on what came out; whoever waits for it goes on on this thread. */
    void tell() {
        if (failure == null) {
            result.complete(new Decoded(List.copyOf(done), endedAt - submittedAt - decodeNanos, decodeNanos));
        } else {
            result.completeExceptionally(failure);
        }
    }

    @Override
    public void enter(int more) {
        pixels += more;
        if (!large && pixels > SMALL_PIXELS) {
            throw new TurnedLarge();
        }
    }

    @Override
    public boolean closed() {
        return ticket.isOver();
    }
}
