// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.problem.GoneException;
import io.millrace.inference.problem.LateException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TicketTest {
    private final Ticket ticket = Tickets.arrived((byte) 1);

    @Test
    void whoeverIsLateIsToldForWhatItWaited() {
        // Given
        CompletionStage<String> answer = ticket.answer(new CompletableFuture<>());
        ticket.waitsFor(Ticket.Stage.NETWORK);

        // When
        Tickets.late(ticket);

        // Then
        assertThat(ticket.isOver()).isTrue();
        assertThat(answer.toCompletableFuture())
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(LateException.class)
                .withMessageContaining("no answer within 5 ms: the network had not answered");
    }

    @Test
    void thatItIsOverIsToldOnceAndToThoseWhoComeLater() {
        List<RuntimeException> told = new ArrayList<>();
        ticket.onOver(told::add);

        // When
        Tickets.left(ticket);
        Tickets.late(ticket);
        ticket.onOver(told::add);

        // Then
        assertThat(told).hasSize(2).allMatch(GoneException.class::isInstance);
    }

    @Test
    void whatWasWorkedOutInTimeStays() {
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletionStage<String> answer = ticket.answer(work);

        // When
        work.complete("7");
        Tickets.late(ticket);

        // Then
        assertThat(answer.toCompletableFuture()).isCompletedWithValue("7");
    }

    @Test
    void failuresComeOutAsTheyWereThrown() {
        IllegalStateException failure = new IllegalStateException("native failure");
        CompletionStage<String> work =
                CompletableFuture.<String>failedStage(failure).thenApply(String::trim);
        List<Throwable> seen = new ArrayList<>();

        // When
        ticket.answer(work).whenComplete((value, reason) -> seen.add(reason));

        // Then
        assertThat(seen).containsExactly(failure);
    }
}
