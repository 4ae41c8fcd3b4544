// SPDX-License-Identifier: Apache-2.0
/** All evaluations, best first. */
package io.millrace.evaluator.leaderboard;
