// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Configurable;

/**
 * Kafka's group protocol as a way to come together. All that is handed out travels in the user data; of the topic that the
 * members subscribe to nobody is assigned a partition, so that nothing is ever revoked from a worker in the middle of a
 * step. Kafka makes it by its class; the member it speaks for is in its settings.
 */
public final class ReplicaAssignor implements ConsumerPartitionAssignor, Configurable {
    /** Setting: the {@link PoolMember} that it speaks for. */
    static final String MEMBER = "millrace.pool.member";

    private PoolMember member;

    /** As Kafka knows it. It lives on for one release after it changes. */
    @Override
    public String name() {
        return "millrace-replicas";
    }

    @Override
    public void configure(Map<String, ?> configs) {
        member = (PoolMember) configs.get(MEMBER);
    }

    /** Members go on with what they have while the group comes together. */
    @Override
    public List<RebalanceProtocol> supportedProtocols() {
        return List.of(RebalanceProtocol.COOPERATIVE);
    }

    @Override
    public ByteBuffer subscriptionUserData(Set<String> topics) {
        return ByteBuffer.wrap(member.report());
    }

    @Override
    public GroupAssignment assign(Cluster metadata, GroupSubscription group) {
        Map<String, byte[]> reports = new HashMap<>();
        group.groupSubscription().forEach((id, subscription) -> reports.put(id, bytes(subscription.userData())));
        Map<String, Assignment> assignments = new HashMap<>();
        member.lead(reports)
                .forEach((id, handout) -> assignments.put(id, new Assignment(List.of(), ByteBuffer.wrap(handout))));
        return new GroupAssignment(assignments);
    }

    @Override
    public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
        member.handed(bytes(assignment.userData()));
    }

    private static byte[] bytes(ByteBuffer data) {
        if (data == null) {
            return null;
        }
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        return bytes;
    }
}
