// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.system;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a service writes what grows. A service that does has one as a bean. Immutable.
 *
 * @param name of what lies there, for people
 * @param path of a directory, which may not be there yet; empty: it lies on no disk of this machine
 */
public record DiskPlace(String name, Optional<Path> path) {}
