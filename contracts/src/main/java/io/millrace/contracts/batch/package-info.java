// SPDX-License-Identifier: Apache-2.0

/** Batches of labelled images on the topics: exactly what the network sees, position included. */
package io.millrace.contracts.batch;
