// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

/**
 * Why a checkpoint is not promoted without being asked for.
 *
 * @param reason for people, the remedy included
 * @param remarkable whether somebody may have expected otherwise: that another one is better is no news
 */
public record Objection(String reason, boolean remarkable) {}
