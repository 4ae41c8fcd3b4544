// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import io.millrace.local.Refusal;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Predictions as CSV with a header: a line a file, written as soon as it is known. Not thread-safe. */
final class PredictionTable implements Closeable {
    private static final CsvMapper CSV = new CsvMapper();

    private final Path file;
    private final SequenceWriter writer;

    /** A line. What is not known is empty. New columns come last, for those who count them. */
    @JsonPropertyOrder({"file", "label", "probability", "model", "version", "reason", "calibrated", "warnings"})
    record Row(
            String file,
            String label,
            String probability,
            String model,
            String version,
            String reason,
            Boolean calibrated,
            String warnings) {
        static Row of(String file, Prediction answer) {
            String probability = String.format(Locale.ROOT, "%.6f", answer.probability());
            return new Row(
                    file,
                    answer.label(),
                    probability,
                    answer.model(),
                    answer.version(),
                    null,
                    answer.calibrated(),
                    String.join("; ", answer.warnings()));
        }

        static Row failed(String file, String reason) {
            return new Row(file, null, null, null, null, reason, null, null);
        }

        boolean failed() {
            return reason != null;
        }
    }

    private PredictionTable(Path file, SequenceWriter writer) {
        this.file = file;
        this.writer = writer;
    }

    /**
     * Begins a file.
     *
     * @param overwrite whether one that is there is replaced
     * @throws Refusal when it is there and is not to be replaced, or cannot be written
     */
    static PredictionTable begin(Path file, boolean overwrite) {
        requireNew(file, overwrite);
        try {
            SequenceWriter writer = CSV.writer(CSV.schemaFor(Row.class).withHeader())
                    .writeValues(Files.newBufferedWriter(
                            file,
                            UTF_8,
                            StandardOpenOption.CREATE,
                            overwrite ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE));
            return new PredictionTable(file, writer);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    static void requireNew(Path file, boolean overwrite) {
        if (Files.exists(file) && !overwrite) {
            throw new Refusal(file + " exists. Name another file, or replace it with --overwrite");
        }
    }

    void write(Row row) {
        try {
            writer.write(row);
            writer.flush();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static Refusal unwritable(Path file, IOException e) {
        return new Refusal(
                file + " cannot be written (" + e + "). Name a file in a folder that is there and has room", e);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
