// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.nio.file.Path;

/** For lines that are to be pasted into a shell. */
final class Shell {
    private Shell() {}

    /** A path as short as it can be said here, quoted where a shell would misread it. */
    static String path(Path file) {
        Path here = Path.of("").toAbsolutePath();
        String text = (file.startsWith(here) ? here.relativize(file) : file).toString();
        return text.matches("[A-Za-z0-9._/-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
