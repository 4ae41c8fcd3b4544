// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.delta.Chunks;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.delta.DeltaCodec;
import io.millrace.contracts.delta.DeltaId;
import io.millrace.contracts.event.Sync.Encoding;
import io.millrace.kafka.CloudEventHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** Deltas as the records of a log. Stateless. */
final class DeltaRecords {
    private static final String SOURCE = "/trainer-service";

    private DeltaRecords() {}

    /** The chunks of a delta, for its replica's partition; they belong into one transaction. */
    static List<ProducerRecord<String, byte[]>> of(Delta delta, Encoding encoding) {
        byte[] bytes = DeltaCodec.encode(delta, encoding);
        byte[] digest = Chunks.digest(ByteBuffer.wrap(bytes)).getBytes(UTF_8);
        Topic topic = Topic.deltas(delta.run());
        List<byte[]> chunks = Chunks.of(bytes);
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        for (int k = 0; k < chunks.size(); k++) {
            DeltaId id = new DeltaId(delta.run(), delta.to(), delta.replica(), k, chunks.size());
            Headers headers = CloudEventHeaders.of(CloudEvent.of(topic, id.toString(), SOURCE));
            headers.add(Chunks.DIGEST, digest);
            records.add(new ProducerRecord<>(topic.name(), delta.replica(), delta.run(), chunks.get(k), headers));
        }
        return records;
    }
}
