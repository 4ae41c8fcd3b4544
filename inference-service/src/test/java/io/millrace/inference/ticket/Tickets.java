// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import java.time.Duration;

/** Tickets without a request. */
public final class Tickets {
    private Tickets() {}

    /** One whose body has come. */
    public static Ticket arrived(byte... body) {
        Ticket ticket = new Ticket();
        ticket.arrived(body);
        return ticket;
    }

    /** Its deadline passes. */
    public static void late(Ticket ticket) {
        ticket.late(Duration.ofMillis(5));
    }

    /** Its client leaves. */
    public static void left(Ticket ticket) {
        ticket.left();
    }
}
