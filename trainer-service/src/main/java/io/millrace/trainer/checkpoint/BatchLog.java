// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The record of what was trained, {@code <store>/<run>/batches.log}: one line per step, {@code step epoch index
 * offset[,offset…]}, an offset per shard, {@code -} for a batch that could not be read. It grows with each checkpoint and
 * is cut back to the checkpoint that a run resumes from. Used by the writing thread.
 */
final class BatchLog {
    static final String NAME = "batches.log";

    private final Path file;
    private long length;
    private long unconfirmed;

    private BatchLog(Path file, long length) {
        this.file = file;
        this.length = length;
    }

    /** Opens a run's log and cuts off what lies behind a step. */
    static BatchLog resume(Path folder, long step) throws IOException {
        Path file = folder.resolve(NAME);
        long length = 0;
        if (Files.exists(file)) {
            // Any byte is a character of Latin 1: one that has no business here must not keep a run from going on.
            for (String line : Files.readAllLines(file, ISO_8859_1)) {
                // Lines are in the order of the steps; a torn last one is behind any checkpoint.
                if (!line.matches("\\d{1,18} \\d+ \\d+ [-,0-9]+")
                        || Long.parseLong(line.substring(0, line.indexOf(' '))) > step) {
                    break;
                }
                length += line.length() + 1L;
            }
        }
        return new BatchLog(file, Math.min(length, Files.exists(file) ? Files.size(file) : 0));
    }

    /** Appends lines durably, each with its line end. Until they are confirmed the next call overwrites them. */
    void write(String lines) throws IOException {
        Files.createDirectories(file.getParent());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(length);
            channel.position(length);
            ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        unconfirmed = lines.length();
    }

    /** The checkpoint that the latest lines lead to is safe. */
    void confirm() {
        length += unconfirmed;
        unconfirmed = 0;
    }
}
