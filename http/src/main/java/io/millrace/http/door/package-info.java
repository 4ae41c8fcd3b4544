// SPDX-License-Identifier: Apache-2.0

/**
 * What is asked of a request before any service sees it: the form of its path, the name under which it asks, and the page
 * that it comes from (<a href="https://www.rfc-editor.org/rfc/rfc6454">RFC 6454</a>).
 */
package io.millrace.http.door;
