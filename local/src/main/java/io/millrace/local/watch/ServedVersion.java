// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import com.fasterxml.jackson.annotation.JsonAlias;

/**
 * What inference-service answers with.
 *
 * @param model its name
 * @param version its checkpoint's id
 */
public record ServedVersion(@JsonAlias("name") String model, String version) {}
