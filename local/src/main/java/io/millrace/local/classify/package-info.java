// SPDX-License-Identifier: Apache-2.0

/** What a served model says of pictures: one by one, or of a folder, into a table. */
package io.millrace.local.classify;
