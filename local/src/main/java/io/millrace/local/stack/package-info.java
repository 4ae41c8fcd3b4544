// SPDX-License-Identifier: Apache-2.0

/** What runs on this machine: which processes, on which ports, with which files, in which order. */
package io.millrace.local.stack;
