// SPDX-License-Identifier: Apache-2.0
/** How good a checkpoint is: the test split, the predictions on it, and what they add up to. */
package io.millrace.evaluator.score;
