// SPDX-License-Identifier: Apache-2.0

/** What a replica learnt in a round, as it travels in the log of deltas of its run. */
package io.millrace.contracts.delta;
