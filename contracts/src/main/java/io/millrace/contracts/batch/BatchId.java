// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a batch; as text, {@code <owner>/<split>/<epoch>/<index>/<shard>}, it is the CloudEvents id of its record,
 * so that a record whose body cannot be read still says where it belongs.
 *
 * @param owner the run's id for a training batch, the data set's digest for a test batch
 * @param split which part of the data set
 * @param epoch from 0
 * @param index in the epoch, from 0
 * @param shard from 0; the partition
 */
public record BatchId(String owner, Split split, int epoch, int index, int shard) {
    private static final Pattern TEXT = Pattern.compile("([^/]+)/(train|test)/(\\d{1,9})/(\\d{1,9})/(\\d{1,9})");

    /** Reads the text form; empty when it is none. */
    public static Optional<BatchId> parse(String text) {
        Matcher matcher = TEXT.matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new BatchId(
                matcher.group(1),
                Split.valueOf(matcher.group(2).toUpperCase(java.util.Locale.ROOT)),
                Integer.parseInt(matcher.group(3)),
                Integer.parseInt(matcher.group(4)),
                Integer.parseInt(matcher.group(5))));
    }

    /** The number of this batch's step from the start of the run, from 0. */
    public long step(int batchesPerEpoch) {
        return (long) epoch * batchesPerEpoch + index;
    }

    @Override
    public String toString() {
        return owner + "/" + split.text() + "/" + epoch + "/" + index + "/" + shard;
    }
}
