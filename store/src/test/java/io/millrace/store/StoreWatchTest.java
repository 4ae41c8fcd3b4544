// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoreWatchTest {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger(StoreWatch.class.getName());
    private final Handler ear = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            said.add(entry.getLevel().getName() + " " + java.text.MessageFormat.format("{0}", entry.getMessage()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private volatile IOException failure;
    private volatile int asked;

    private final StoreWatch watch =
            new StoreWatch(StoreAddress.of("s3://pictures/runs"), this::answer, Duration.ofMillis(1));

    @BeforeEach
    void listen() {
        logger.addHandler(ear);
    }

    @AfterEach
    void stop() {
        watch.close();
        logger.removeHandler(ear);
    }

    private synchronized void answer() throws IOException {
        asked++;
        if (failure != null) {
            throw failure;
        }
    }

    private void awaitAskedAgain() {
        int before = asked;
        await().until(() -> asked > before + 5);
    }

    @Test
    void whatFailsIsSaidOnceAndAgainWhenItChangesAndThatItIsOver() {
        failure = new IOException("no bucket");
        watch.start();
        awaitAskedAgain();
        assertThat(watch.problem()).contains("no bucket");

        failure = new IOException("wrong keys");
        awaitAskedAgain();
        assertThat(watch.problem()).contains("wrong keys");

        failure = null;
        awaitAskedAgain();
        assertThat(watch.problem()).isEmpty();
        assertThat(said).hasSize(3);
        assertThat(said.get(2)).startsWith("INFO");
    }
}
