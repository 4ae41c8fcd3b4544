// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.nio.file.Path;

/** For lines that are to be pasted into a shell. */
final class Shell {
    private Shell() {}

    /** A path that holds in every terminal, quoted where a shell would misread it. */
    static String path(Path file) {
        String text = file.toAbsolutePath().toString();
        return text.matches("[A-Za-z0-9._/-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
