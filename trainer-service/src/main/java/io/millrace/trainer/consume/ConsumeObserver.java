// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Is told what happens to records. Called from the reading thread. */
public interface ConsumeObserver {
    /** A batch came a second time and was skipped. */
    void duplicate();

    /** A record went to the dead letters. */
    void deadLetter();

    /** A consumer was opened; what is returned is closed with it. */
    AutoCloseable opened(KafkaConsumer<?, ?> consumer);
}
