// SPDX-License-Identifier: Apache-2.0
/** Files that a service fetches: data sets, and weights to start from. */
package io.millrace.http.download;
