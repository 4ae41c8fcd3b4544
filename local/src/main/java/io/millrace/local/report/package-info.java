// SPDX-License-Identifier: Apache-2.0

/** What {@code --report FILE} writes. */
package io.millrace.local.report;
