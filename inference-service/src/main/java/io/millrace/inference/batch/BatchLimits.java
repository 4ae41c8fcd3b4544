// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import java.time.Duration;

/**
 * How large a call of the network gets, and what is waited for that.
 *
 * @param images in a call, at the most
 * @param delay that the first image waits for others that are seen coming, at the most; zero: it never does
 */
record BatchLimits(int images, Duration delay) {}
