// SPDX-License-Identifier: Apache-2.0
/** How a service stands, for people: what its probes say, and what memory and disk there is. */
package io.millrace.http.system;
