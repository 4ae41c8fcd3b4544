// SPDX-License-Identifier: Apache-2.0

/** What the terminal shows: a live picture, or a line per event. */
package io.millrace.local.view;
