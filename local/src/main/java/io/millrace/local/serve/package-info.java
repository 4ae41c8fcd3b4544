// SPDX-License-Identifier: Apache-2.0

/** What can be served without a training: a file, or what was promoted in a work directory. */
package io.millrace.local.serve;
