// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What this module logs while a test runs. */
final class Said extends Handler implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger("io.millrace.kafka");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    Said() {
        LOGGER.setLevel(Level.FINE);
        LOGGER.addHandler(this);
    }

    /** For people: from INFO on, those that contain a text. */
    List<String> toPeople(String text) {
        return lines(Level.INFO.intValue(), text);
    }

    /** Everything that contains a text. */
    List<String> all(String text) {
        return lines(0, text);
    }

    private List<String> lines(int level, String text) {
        return records.stream()
                .filter(record -> record.getLevel().intValue() >= level)
                .map(new SimpleFormatter()::formatMessage)
                .filter(line -> line.contains(text))
                .toList();
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
        LOGGER.setLevel(null);
    }
}
