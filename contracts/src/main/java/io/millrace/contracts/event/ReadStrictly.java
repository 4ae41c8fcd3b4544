// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

/**
 * A part of an event of which a reader must know every member: whoever passes one over would train something else than
 * what was asked for.
 */
public interface ReadStrictly {}
