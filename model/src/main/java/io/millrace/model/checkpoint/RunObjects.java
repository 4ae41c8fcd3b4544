// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.model.checkpoint.ObjectStorage.Listed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The objects of a run, by their names.
 *
 * @param all those whose names are known, by step, the lowest first
 */
record RunObjects(List<Named> all) {
    /** Of a digest, in a name. */
    static final int DIGITS = 12;

    /** What a name ends with says what it is. */
    enum Kind {
        WEIGHTS(".safetensors"),
        /** Averaged weights. Their name has a digest of their own. */
        AVERAGE(".average.safetensors"),
        STATE(".state.safetensors"),
        BATCHES(".batches");

        private final String suffix;
        private final Pattern pattern;

        Kind(String suffix) {
            this.suffix = suffix;
            this.pattern = Pattern.compile("step-(\\d{1,18})-([0-9a-f]{" + DIGITS + "})" + Pattern.quote(suffix));
        }

        String suffix() {
            return suffix;
        }

        /** Whether it is what is announced, and read by everybody. */
        boolean announced() {
            return this == WEIGHTS || this == AVERAGE;
        }
    }

    /** An object of the checkpoint of a step whose weights' digest begins with that. */
    record Named(String incarnation, Kind kind, long step, String digest, long size) {
        static Named of(String incarnation, Kind kind, long step, String sha256) {
            return new Named(incarnation, kind, step, sha256.substring(0, DIGITS), 0);
        }

        String key() {
            return incarnation + "/step-" + step + "-" + digest + kind.suffix;
        }

        /** Another one of the same checkpoint. */
        Named as(Kind other) {
            return new Named(incarnation, other, step, digest, 0);
        }

        boolean sameCheckpoint(Named other) {
            return step == other.step && digest.equals(other.digest);
        }
    }

    /** What an object is, by its name; empty where that is unknown. */
    static Optional<Kind> kind(String name) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.pattern.matcher(name).matches())
                .findFirst();
    }

    static RunObjects list(ObjectStorage storage, String incarnation) throws IOException {
        List<Named> all = new ArrayList<>();
        for (Listed object : storage.list(incarnation)) {
            for (Kind kind : Kind.values()) {
                Matcher name = kind.pattern.matcher(object.name());
                if (name.matches()) {
                    all.add(new Named(incarnation, kind, Long.parseLong(name.group(1)), name.group(2), object.size()));
                }
            }
        }
        all.sort(Comparator.comparingLong(Named::step).thenComparing(Named::digest));
        return new RunObjects(all);
    }

    /** By step, the lowest first. */
    List<Named> of(Kind kind) {
        return all.stream().filter(object -> object.kind == kind).toList();
    }

    /** States whose weights are there, the newest first. Without weights, a writer died before it wrote them. */
    List<Named> resumable() {
        List<Named> states = new ArrayList<>(of(Kind.STATE));
        states.removeIf(state -> of(Kind.WEIGHTS).stream().noneMatch(state::sameCheckpoint));
        Collections.reverse(states);
        return states;
    }
}
