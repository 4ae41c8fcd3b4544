// SPDX-License-Identifier: Apache-2.0

/** What ties a child process to the life of its parent. Packed as a jar of its own: a Java agent without dependencies. */
package io.millrace.local.tether;
