// SPDX-License-Identifier: Apache-2.0

/** Writes the log of batches: in order, each once, a bounded amount ahead of the trainers. */
package io.millrace.dataset.publish;
