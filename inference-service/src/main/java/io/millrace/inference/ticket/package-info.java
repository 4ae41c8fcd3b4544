// SPDX-License-Identifier: Apache-2.0

/**
 * What a request has from its head to its answer: a {@link io.millrace.inference.ticket.Ticket}, its deadline, and its place among
 * those that are inside.
 */
package io.millrace.inference.ticket;
