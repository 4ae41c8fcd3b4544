// SPDX-License-Identifier: Apache-2.0

/**
 * Who may ask a service, and for what: bearer tokens (<a href="https://www.rfc-editor.org/rfc/rfc6750">RFC 6750</a>) with
 * roles, by Quarkus' own security. Without tokens everybody may, and a service that listens beyond this machine does not
 * start.
 */
package io.millrace.http.auth;
