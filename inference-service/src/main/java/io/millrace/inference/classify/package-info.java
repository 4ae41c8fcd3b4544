// SPDX-License-Identifier: Apache-2.0

/** {@code POST /classify}: images in, labels out, through a bounded queue; {@code POST /explain}: and why. */
package io.millrace.inference.classify;
