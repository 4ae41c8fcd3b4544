// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.event.EventCodec;
import io.millrace.model.Calibration.Measured;
import io.millrace.model.Calibration.Table;
import io.millrace.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Where is kept what was measured. */
interface CalibrationMemory {
    /** All that was measured, as JSON in any number of pieces. */
    List<byte[]> read() throws IOException;

    /** Adds a measurement to those that are known. */
    void add(List<Measured> known, Measured added) throws IOException;

    /** One file. */
    record InFile(Path file) implements CalibrationMemory {
        @Override
        public List<byte[]> read() throws IOException {
            try {
                return List.of(Files.readAllBytes(file));
            } catch (NoSuchFileException e) {
                return List.of();
            }
        }

        @Override
        public void add(List<Measured> known, Measured added) throws IOException {
            List<Measured> all = new ArrayList<>(known);
            all.add(added);
            Files.createDirectories(file.getParent());
            Path temporary = Files.createTempFile(file.getParent(), ".calibration-", ".tmp");
            Files.write(temporary, EventCodec.encode(new Table(all)));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public String toString() {
            return "file " + file;
        }
    }

    /** Notes in a checkpoint store: one a measurement, so that nobody's gets lost when several measure at a time. */
    record InStore(CheckpointStore store) implements CalibrationMemory {
        private static final String ABOUT = "calibration";

        @Override
        public List<byte[]> read() throws IOException {
            List<byte[]> notes = new ArrayList<>();
            for (ByteBuffer note : store.notes(ABOUT)) {
                byte[] bytes = new byte[note.remaining()];
                note.get(bytes);
                notes.add(bytes);
            }
            return notes;
        }

        @Override
        public void add(List<Measured> known, Measured added) throws IOException {
            store.note(ABOUT, ByteBuffer.wrap(EventCodec.encode(new Table(List.of(added)))));
        }

        @Override
        public String toString() {
            return "in the checkpoint store";
        }
    }
}
