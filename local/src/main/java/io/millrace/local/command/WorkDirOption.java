// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a stack's files are: {@code --work-dir}. */
final class WorkDirOption {
    static final String DEFAULT = ".millrace";

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            defaultValue = DEFAULT,
            description = "Kafka's data, checkpoints, downloads and logs. Default: ${DEFAULT-VALUE}")
    private Path path;

    Path path() {
        return path;
    }
}
