// SPDX-License-Identifier: Apache-2.0

/** A run whose replicas train apart and keep in step by rounds: the rule, and the exchange through the log of deltas. */
package io.millrace.trainer.round;
