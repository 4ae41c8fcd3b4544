// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a chunk of a delta; as text, {@code <run>/round/<step>/<replica>/<chunk>of<chunks>}, it is the CloudEvents id
 * of its record, so that what was read before costs next to nothing, and what cannot be read still says where it belongs.
 *
 * @param run incarnation of it
 * @param step steps of the run that are done when the round is
 * @param replica from 0; the partition
 * @param chunk from 0
 * @param chunks how many make the delta, at least 1
 */
public record DeltaId(String run, long step, int replica, int chunk, int chunks) {
    private static final Pattern TEXT = Pattern.compile("([^/]+)/round/(\\d{1,18})/(\\d{1,9})/(\\d{1,9})of(\\d{1,9})");

    public DeltaId {
        if (chunks < 1 || chunk < 0 || chunk >= chunks) {
            throw new IllegalArgumentException("there is no chunk " + chunk + " of " + chunks);
        }
    }

    /** Reads the text form; empty when it is none. */
    public static Optional<DeltaId> parse(String text) {
        Matcher matcher = TEXT.matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int chunk = Integer.parseInt(matcher.group(4));
        int chunks = Integer.parseInt(matcher.group(5));
        return chunk >= chunks
                ? Optional.empty()
                : Optional.of(new DeltaId(
                        matcher.group(1),
                        Long.parseLong(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)),
                        chunk,
                        chunks));
    }

    /** Whether another one is of the same delta. */
    public boolean isWith(DeltaId other) {
        return run.equals(other.run) && step == other.step && replica == other.replica && chunks == other.chunks;
    }

    @Override
    public String toString() {
        return run + "/round/" + step + "/" + replica + "/" + chunk + "of" + chunks;
    }
}
