// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.report;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file that a report goes to. */
public final class ReportFile {
    private final Path path;
    private final Path draft;

    private ReportFile(Path path) {
        this.path = path;
        this.draft = path.resolveSibling(path.getFileName() + ".tmp");
    }

    /**
     * Makes sure, before the work, that the result can be written. A report that is there stays until a new one
     * replaces it.
     *
     * @throws Refusal when it cannot
     */
    public static ReportFile open(Path path) {
        ReportFile file = new ReportFile(path.toAbsolutePath());
        if (Files.isDirectory(path)) {
            throw new Refusal("--report " + path + " is a directory; name a file");
        }
        try {
            Files.writeString(file.draft, "");
            Files.delete(file.draft);
            return file;
        } catch (IOException e) {
            throw new Refusal(
                    "--report " + path + " cannot be written (" + e + "). Name a file in a directory that exists and "
                            + "is writable",
                    e);
        }
    }

    /** Writes the report, whole or not at all. */
    public void write(Report report) throws IOException {
        byte[] json = JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsBytes(report);
        Files.write(draft, json);
        Files.move(draft, path, StandardCopyOption.REPLACE_EXISTING);
    }
}
