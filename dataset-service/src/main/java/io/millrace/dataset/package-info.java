// SPDX-License-Identifier: Apache-2.0

/**
 * The dataset-service: turns a labelled image data set into a log of training batches. {@code source} obtains samples,
 * {@code augment} varies them, {@code run} knows the runs and their HTTP face, {@code publish} writes the log.
 */
package io.millrace.dataset;
