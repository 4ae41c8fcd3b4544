// SPDX-License-Identifier: Apache-2.0

/** The programs behind every number that Millrace states about itself. Each prints n, median, spread and hardware. */
package io.millrace.benchmarks;
