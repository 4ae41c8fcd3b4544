// SPDX-License-Identifier: Apache-2.0
/** What the page shows of runs and models: the tables of events, bounded, and {@code GET /events}, the stream of their changes. */
package io.millrace.inference.board;
