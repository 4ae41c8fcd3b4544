// SPDX-License-Identifier: Apache-2.0

/** Where samples come from: MNIST's files, downloaded or at hand, and digits drawn on the machine. */
package io.millrace.dataset.source;
