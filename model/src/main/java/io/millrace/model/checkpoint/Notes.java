// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** What belongs to no run: {@code <about>/<first digits of its digest>.json}. */
record Notes(ObjectStorage storage, WholeObjects whole) {
    private static final String JSON = ".json";

    void add(String about, ByteBuffer json) throws IOException {
        whole.put(about + '/' + name(json), List.of(json.asReadOnlyBuffer()), json::equals);
    }

    List<ByteBuffer> all(String about) throws IOException {
        List<ByteBuffer> notes = new ArrayList<>();
        try {
            // Where all of them were before each had an object of its own.
            notes.add(storage.get(about + JSON));
        } catch (NoSuchFileException e) {
            // As in every store that is younger.
        }
        for (ObjectStorage.Listed object : storage.list(about)) {
            ByteBuffer note = storage.get(about + '/' + object.name());
            if (object.name().equals(name(note))) {
                notes.add(note);
            }
        }
        return notes;
    }

    private static String name(ByteBuffer json) {
        return Sha256.of(json).substring(0, 12) + JSON;
    }
}
