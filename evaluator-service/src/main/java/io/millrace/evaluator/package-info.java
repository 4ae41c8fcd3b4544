// SPDX-License-Identifier: Apache-2.0
/**
 * The evaluator-service: scores every checkpoint on the test split, keeps the leaderboard, promotes a better checkpoint
 * and tidies the checkpoint store. This package wires the features to Kafka, HTTP and metrics.
 */
package io.millrace.evaluator;
