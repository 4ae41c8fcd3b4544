// SPDX-License-Identifier: Apache-2.0
/** What the description of every service's interface says beside what its resources say. */
package io.millrace.http.openapi;
