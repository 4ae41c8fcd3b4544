// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the names of an archive's entries are worth: they are whatever somebody wrote there. */
final class EntryNames {
    /** What systems leave in folders of pictures. */
    private static final Set<String> LITTER = Set.of("thumbs.db", "desktop.ini", "__macosx", "@eadir");

    private EntryNames() {}

    /** The path that a name means; empty when it leads out of the archive. */
    static Optional<String> path(String name) {
        String slashed = name.replace('\\', '/');
        if (slashed.startsWith("/") || slashed.indexOf('\0') >= 0 || slashed.matches("[A-Za-z]:.*")) {
            return Optional.empty();
        }
        String path = Arrays.stream(slashed.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .collect(Collectors.joining("/"));
        return path.isEmpty() || Arrays.asList(path.split("/")).contains("..") ? Optional.empty() : Optional.of(path);
    }

    /** Whether nobody meant a file to be part of the data: hidden ones, and what systems leave. */
    static boolean isLitter(String path) {
        return Arrays.stream(path.split("/"))
                .anyMatch(part -> part.startsWith(".") || LITTER.contains(part.toLowerCase(Locale.ROOT)));
    }
}
