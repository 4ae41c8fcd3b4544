// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

/** Consumer groups that more than one service knows. */
public final class ConsumerGroups {
    /** What trainers commit under: how far they have processed {@link Topic#BATCHES}; for pacing and lag only. */
    public static final String TRAINER = "trainer-service";

    private ConsumerGroups() {}
}
