// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.model.checkpoint.CheckpointStore.Attempts;
import io.millrace.model.checkpoint.ObjectStorage.Listed;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The attempts at a run since it last came on: {@code attempt-<step>-<n>}, without content, and {@code
 * attempt-<step>-<n>.died} for one that could say what of; those at a replica but the first begin with {@code
 * replica-<k>-}.
 */
record RunAttempts(ObjectStorage storage) {
    private static final Pattern NAME =
            Pattern.compile("(?:replica-(\\d{1,9})-)?attempt-(\\d{1,18})-(\\d{1,9})(\\.died)?");
    private static final String DIED = ".died";

    private record Attempt(String key, int replica, long step, int number, boolean died) {}

    private List<Attempt> list(String incarnation) throws IOException {
        return storage.list(incarnation).stream()
                .map(Listed::name)
                .map(NAME::matcher)
                .filter(Matcher::matches)
                .map(name -> new Attempt(
                        incarnation + '/' + name.group(),
                        name.group(1) == null ? 0 : Integer.parseInt(name.group(1)),
                        Long.parseLong(name.group(2)),
                        Integer.parseInt(name.group(3)),
                        name.group(4) != null))
                .toList();
    }

    private List<Attempt> list(String incarnation, int replica) throws IOException {
        return list(incarnation).stream()
                .filter(attempt -> attempt.replica() == replica)
                .toList();
    }

    private static Optional<Attempt> latest(List<Attempt> attempts) {
        return attempts.stream().filter(attempt -> !attempt.died()).max(Comparator.comparingInt(Attempt::number));
    }

    /** Notes one; those at other steps do not count any more. */
    Attempts note(String incarnation, int replica, long step) throws IOException {
        List<Attempt> all = list(incarnation, replica);
        for (Attempt other : all) {
            if (other.step() != step) {
                storage.delete(other.key());
            }
        }
        Optional<Attempt> before =
                latest(all.stream().filter(attempt -> attempt.step() == step).toList());
        int inARow = before.map(Attempt::number).orElse(0) + 1;
        String of = replica == 0 ? "" : "replica-" + replica + '-';
        put(incarnation + '/' + of + "attempt-" + step + '-' + inARow, "");
        return new Attempts(inARow, before.isPresent() ? reason(before.get()) : Optional.empty());
    }

    private Optional<String> reason(Attempt of) throws IOException {
        try {
            return Optional.of(UTF_8.decode(storage.get(of.key() + DIED)).toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Notes what the latest one dies of. */
    void noteDeath(String incarnation, int replica, String reason) throws IOException {
        Optional<Attempt> latest = latest(list(incarnation, replica));
        if (latest.isPresent()) {
            put(latest.get().key() + DIED, reason);
        }
    }

    private void put(String key, String text) throws IOException {
        storage.put(key, List.of(UTF_8.encode(text)));
    }

    void clear(String incarnation, int replica) throws IOException {
        delete(list(incarnation, replica));
    }

    /** Of all replicas. */
    void clear(String incarnation) throws IOException {
        delete(list(incarnation));
    }

    private void delete(List<Attempt> attempts) throws IOException {
        for (Attempt attempt : attempts) {
            storage.delete(attempt.key());
        }
    }
}
