// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Topic;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** How far trainers are, by the offsets that their group commits. */
final class TrainerPosition implements AutoCloseable {
    /** The group whose offsets say what has been processed; they are for pacing and lag only. */
    static final String GROUP = "trainer-service";

    private final Admin admin;

    TrainerPosition(String bootstrapServers) {
        this.admin = Admin.create(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /** By partition, the first offset that is not processed; without those of which nothing was ever processed. */
    Map<Integer, Long> next() throws InterruptedException {
        Map<Integer, Long> next = new HashMap<>();
        try {
            admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach((partition, offset) -> {
                        if (partition.topic().equals(Topic.BATCHES.name()) && offset != null) {
                            next.put(partition.partition(), offset.offset());
                        }
                    });
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw new KafkaException("the position of " + GROUP + " cannot be read", e.getCause());
            }
        }
        return next;
    }

    @Override
    public void close() {
        admin.close();
    }
}
