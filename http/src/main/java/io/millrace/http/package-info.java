// SPDX-License-Identifier: Apache-2.0

/**
 * What every service does with HTTP, once: errors as {@code application/problem+json}, and bodies within the memory that
 * there is. A service adds mappings for its own exceptions. The defaults of the server stand in
 * {@code META-INF/microprofile-config.properties}.
 */
package io.millrace.http;
