// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a batch, or of a part of one that is too large for a record; as text,
 * {@code <owner>/<split>/<epoch>/<index>/<shard>} and, of several parts, {@code /<part>of<parts>}, it is the CloudEvents id
 * of its record, so that a record whose body cannot be read still says where it belongs.
 *
 * @param owner the run's incarnation for a training batch, the data set's digest for a test batch
 * @param split which part of the data set
 * @param epoch from 0
 * @param index in the epoch, from 0
 * @param shard from 0; the partition
 * @param part from 0
 * @param parts how many make the batch, at least 1
 */
public record BatchId(String owner, Split split, int epoch, int index, int shard, int part, int parts) {
    private static final Pattern TEXT =
            Pattern.compile("([^/]+)/(train|test)/(\\d{1,9})/(\\d{1,9})/(\\d{1,9})(?:/(\\d{1,9})of(\\d{1,9}))?");

    public BatchId {
        if (parts < 1 || part < 0 || part >= parts) {
            throw new IllegalArgumentException("there is no part " + part + " of " + parts);
        }
    }

    /** The place of a whole batch. */
    public BatchId(String owner, Split split, int epoch, int index, int shard) {
        this(owner, split, epoch, index, shard, 0, 1);
    }

    /** Reads the text form; empty when it is none. */
    public static Optional<BatchId> parse(String text) {
        Matcher matcher = TEXT.matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int part = matcher.group(6) == null ? 0 : Integer.parseInt(matcher.group(6));
        int parts = matcher.group(7) == null ? 1 : Integer.parseInt(matcher.group(7));
        if (part >= parts) {
            return Optional.empty();
        }
        return Optional.of(new BatchId(
                matcher.group(1),
                Split.valueOf(matcher.group(2).toUpperCase(Locale.ROOT)),
                Integer.parseInt(matcher.group(3)),
                Integer.parseInt(matcher.group(4)),
                Integer.parseInt(matcher.group(5)),
                part,
                parts));
    }

    /** The place of one part of this batch. */
    public BatchId part(int number, int of) {
        return new BatchId(owner, split, epoch, index, shard, number, of);
    }

    /** The place of the whole batch that this is a part of. */
    public BatchId whole() {
        return part(0, 1);
    }

    /** The number of this batch's step from the start of the run, from 0. */
    public long step(int batchesPerEpoch) {
        return (long) epoch * batchesPerEpoch + index;
    }

    @Override
    public String toString() {
        String whole = owner + "/" + split.text() + "/" + epoch + "/" + index + "/" + shard;
        return parts == 1 ? whole : whole + "/" + part + "of" + parts;
    }
}
