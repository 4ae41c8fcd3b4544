// SPDX-License-Identifier: Apache-2.0

/** The commands and their options. */
package io.millrace.local.command;
