// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.ConsumerGroups;
import io.millrace.contracts.Topic;
import io.millrace.kafka.Clients;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** How far trainers are, by the offsets that their group commits. */
final class TrainerPosition implements AutoCloseable {
    private final Admin admin;

    TrainerPosition(String bootstrapServers) {
        this.admin = Clients.admin(bootstrapServers);
    }

    /** By partition, the first offset that is not processed; without those of which nothing was ever processed. */
    Map<Integer, Long> next() throws InterruptedException {
        Map<Integer, Long> next = new HashMap<>();
        try {
            admin.listConsumerGroupOffsets(ConsumerGroups.TRAINER)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach((partition, offset) -> {
                        if (partition.topic().equals(Topic.BATCHES.name()) && offset != null) {
                            next.put(partition.partition(), offset.offset());
                        }
                    });
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw new KafkaException("the position of " + ConsumerGroups.TRAINER + " cannot be read", e.getCause());
            }
        }
        return next;
    }

    @Override
    public void close() {
        admin.close();
    }
}
