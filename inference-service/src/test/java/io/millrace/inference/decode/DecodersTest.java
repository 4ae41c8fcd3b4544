// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.ReadingGate;
import io.millrace.inference.problem.LateException;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.ticket.Ticket;
import io.millrace.inference.ticket.Tickets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecodersTest {
    private static final Fitting INPUT = Fitting.of(InputConvention.PHOTO, new ImageShape(1, 1, 1));
    private static final Fitted PIXEL = new Fitted(new Picture(1, 1, 1, new byte[1]), List.of());
    private static final int MOST_LARGE = 2;

    private final Decoders decoders = new Decoders(2, MOST_LARGE, (thread, error) -> {});
    private final Semaphore largeBegun = new Semaphore(0);
    private final Semaphore largeMayEnd = new Semaphore(0);
    private final AtomicInteger read = new AtomicInteger();

    @AfterEach
    void stop() throws InterruptedException {
        largeMayEnd.release(100);
        decoders.close();
    }

    @Test
    void smallOnesDoNotWaitForLargeOnes() throws InterruptedException {
        // Given as many large ones as may be
        List<CompletionStage<Decoded>> large = new ArrayList<>();
        for (int k = 0; k < MOST_LARGE; k++) {
            large.add(decode(Tickets.arrived(), this::large));
        }
        largeBegun.acquire();

        // When
        List<CompletionStage<Decoded>> small = new ArrayList<>();
        for (int k = 0; k < 50; k++) {
            small.add(decode(Tickets.arrived(), DecodersTest::small));
        }

        // Then
        assertThat(small)
                .allSatisfy(one -> assertThat(one.toCompletableFuture()).succeedsWithin(5, TimeUnit.SECONDS));
        assertThat(large).noneMatch(one -> one.toCompletableFuture().isDone());
        assertThat(decoders.coming()).isFalse();
        largeMayEnd.release(MOST_LARGE);
        assertThat(large)
                .allSatisfy(one -> assertThat(one.toCompletableFuture()).succeedsWithin(5, TimeUnit.SECONDS));
    }

    @Test
    void largeOnesBeyondThoseThatMayWaitAreTurnedAway() {
        // When as many as may be are large by their pictures, one more, and one by its bytes; in which order that is
        // seen is chance
        List<CompletableFuture<Decoded>> asked = Stream.of(
                        decode(Tickets.arrived(), this::large),
                        decode(Tickets.arrived(), this::large),
                        decode(Tickets.arrived(), this::large),
                        decode(Tickets.arrived(new byte[(1 << 20) + 1]), this::large))
                .map(CompletionStage::toCompletableFuture)
                .toList();

        // Then
        await().until(() -> asked.stream().filter(CompletableFuture::isDone).count() == asked.size() - MOST_LARGE);
        assertThat(asked).filteredOn(CompletableFuture::isDone).allSatisfy(refused -> assertThat(refused)
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("2 requests with large pictures wait")
                .satisfies(e -> assertThat(((UnavailableException) e.getCause()).refusal())
                        .isEqualTo(Refusal.LARGE)));
        largeMayEnd.release(MOST_LARGE);
        await().until(() -> asked.stream().allMatch(CompletableFuture::isDone));
        assertThat(asked)
                .filteredOn(CompletableFuture::isCompletedExceptionally)
                .hasSize(asked.size() - MOST_LARGE);
    }

    @Test
    void manySmallImagesOfOneRequestAreLargeAndNoneIsReadTwice() {
        // Given
        largeMayEnd.release();
        ImageSource quarter = (input, gate) -> {
            gate.enter(Decoding.SMALL_PIXELS / 4);
            read.incrementAndGet();
            return PIXEL;
        };

        // When
        CompletionStage<Decoded> decoded =
                decode(Tickets.arrived(), quarter, quarter, quarter, quarter, quarter, quarter);

        // Then
        assertThat(decoded.toCompletableFuture()
                        .orTimeout(5, TimeUnit.SECONDS)
                        .join()
                        .images())
                .hasSize(6);
        assertThat(read).hasValue(6);
    }

    @Test
    void whoseTicketIsOverIsNotRead() throws InterruptedException {
        // Given
        CompletionStage<Decoded> first = decode(Tickets.arrived(), this::large);
        largeBegun.acquire();
        Ticket ticket = Tickets.arrived(new byte[(1 << 20) + 1]);
        CompletionStage<Decoded> late = decode(ticket, this::large);

        // When
        Tickets.late(ticket);

        // Then
        assertThat(late.toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(LateException.class);
        largeMayEnd.release();
        assertThat(first.toCompletableFuture()).succeedsWithin(5, TimeUnit.SECONDS);
        assertThat(read).hasValue(1);
    }

    @Test
    void readersAreToldWhenNobodyWaitsAnyMore() throws InterruptedException {
        // Given
        CompletableFuture<Boolean> closedInTheEnd = new CompletableFuture<>();
        Ticket ticket = Tickets.arrived();
        decode(ticket, (input, gate) -> {
            largeBegun.release();
            largeMayEnd.acquireUninterruptibly();
            closedInTheEnd.complete(gate.closed());
            return PIXEL;
        });
        largeBegun.acquire();

        // When
        Tickets.left(ticket);
        largeMayEnd.release();

        // Then
        assertThat(closedInTheEnd).succeedsWithin(5, TimeUnit.SECONDS).isEqualTo(true);
    }

    @Test
    void whatIsNoPictureIsSaidAndTheThreadsGoOn() {
        PictureException wrong = new PictureException(PictureException.Reason.UNREADABLE, "no picture");
        CompletionStage<Decoded> failed = decode(Tickets.arrived(), (input, gate) -> {
            throw wrong;
        });
        CompletionStage<Decoded> broken = decode(Tickets.arrived(), (input, gate) -> {
            throw new StackOverflowError();
        });

        assertThat(failed.toCompletableFuture())
                .failsWithin(5, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .withCause(wrong);
        assertThat(broken.toCompletableFuture()).failsWithin(5, TimeUnit.SECONDS);
        assertThat(decode(Tickets.arrived(), DecodersTest::small).toCompletableFuture())
                .succeedsWithin(5, TimeUnit.SECONDS);
        assertThat(decoders.alive()).isTrue();
    }

    private CompletionStage<Decoded> decode(Ticket ticket, ImageSource... images) {
        return decoders.decode(ticket, () -> List.of(images), INPUT);
    }

    private static Fitted small(Fitting input, ReadingGate gate) {
        gate.enter(28 * 28);
        return PIXEL;
    }

    private Fitted large(Fitting input, ReadingGate gate) {
        gate.enter(Decoding.SMALL_PIXELS + 1);
        read.incrementAndGet();
        largeBegun.release();
        largeMayEnd.acquireUninterruptibly();
        return PIXEL;
    }
}
