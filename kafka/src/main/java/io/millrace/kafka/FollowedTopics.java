// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;

/** The topics of an {@link EventTable}, and how the broker has them now. All but {@link #names} is of the reading thread alone. */
final class FollowedTopics {
    private final Map<TopicPartition, FollowedTopic<?>> read = new HashMap<>();
    /** Those that are only watched, too. */
    private final List<FollowedTopic<?>> all = new ArrayList<>();

    private final List<String> groups = new ArrayList<>();

    /** One that is read. */
    void add(FollowedTopic<?> topic) {
        read.put(new TopicPartition(topic.topic().name(), 0), topic);
        all.add(topic);
    }

    /** One that is read by other means. */
    void add(FollowedTopic<?> topic, String group) {
        groups.add(group);
        all.add(topic);
    }

    List<FollowedTopic<?>> all() {
        return all;
    }

    List<String> names() {
        return all.stream().map(each -> each.topic().name()).sorted().toList();
    }

    /** What a record is of. */
    FollowedTopic<?> of(ConsumerRecord<?, ?> record) {
        return read.get(new TopicPartition(record.topic(), record.partition()));
    }

    List<FollowedTopic<?>> of(Collection<TopicPartition> partitions) {
        return partitions.stream().<FollowedTopic<?>>map(read::get).toList();
    }

    /** Makes those that are missing. */
    void ensure(KafkaConnection connection) {
        TopicAdmin.ensure(connection, all.stream().map(FollowedTopic::topic).toList());
    }

    void assignTo(KafkaConsumer<?, ?> consumer) {
        consumer.assign(read.keySet());
    }

    /** Goes on where each was left, be it the begin. */
    void seek(KafkaConsumer<?, ?> consumer) {
        read.forEach((partition, each) -> {
            if (each.next() == 0) {
                consumer.seekToBeginning(Set.of(partition));
            } else {
                consumer.seek(partition, each.next());
            }
        });
    }

    /**
     * Whether one of them is another one than before. That we may read them all is looked at, too.
     *
     * @param forget is given each that is
     */
    boolean replaced(Admin admin, Consumer<FollowedTopic<?>> forget) {
        groups.forEach(group -> TopicAdmin.requireGroup(admin, group));
        boolean replaced = false;
        Map<String, TopicDescription> found = TopicAdmin.readable(admin, names());
        for (FollowedTopic<?> each : all) {
            Uuid id = found.get(each.topic().name()).topicId();
            if (each.isAnother(id)) {
                forget.accept(each);
                replaced = true;
            }
            each.identify(id);
        }
        return replaced;
    }

    /** Not by the consumer: its question would wait at the broker behind the fetch that waits for records. */
    Map<TopicPartition, Long> ends(Admin admin) {
        Map<TopicPartition, OffsetSpec> latest =
                read.keySet().stream().collect(Collectors.toMap(partition -> partition, each -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        try {
            admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                    .all()
                    .get()
                    .forEach((partition, end) -> ends.put(partition, end.offset()));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw new KafkaException(String.valueOf(e.getCause().getMessage()), e.getCause());
        }
        return ends;
    }
}
