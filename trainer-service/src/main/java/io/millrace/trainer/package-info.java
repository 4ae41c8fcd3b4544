// SPDX-License-Identifier: Apache-2.0
/** The trainer: consumes batches in order, trains, checkpoints. This package wires its features to Quarkus. */
package io.millrace.trainer;
