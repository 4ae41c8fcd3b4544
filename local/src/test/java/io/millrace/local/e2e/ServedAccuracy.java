// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Dataset;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What a running stack answers for a whole test split, as the log holds it, image for image. */
final class ServedAccuracy {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TopicPartition PARTITION = new TopicPartition(Topic.TEST_BATCHES.name(), 0);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Ports ports;

    ServedAccuracy(Ports ports) {
        this.ports = ports;
    }

    /** Part of the images of a data set's test split whose label is answered, 0 to 1. */
    double of(Dataset dataset) throws Exception {
        int images = 0;
        int right = 0;
        for (ImageBatch batch : batches(dataset.digest())) {
            for (int sample = 0; sample < batch.size(); sample++) {
                images++;
                String label = dataset.classes().get(batch.labels()[sample]);
                right += answer(pixels(batch, sample)).equals(label) ? 1 : 0;
            }
        }
        assertThat(images).isEqualTo(dataset.testSamples());
        return (double) right / images;
    }

    private List<ImageBatch> batches(String digest) throws Exception {
        List<ImageBatch> batches = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + ports.of(Part.BROKER), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (digest.equals(record.key())) {
                        batches.add(BatchCodec.decode(ByteBuffer.wrap(record.value())));
                    }
                }
            }
        }
        return batches;
    }

    /** Rows of values from 0 to 255. */
    private static int[][] pixels(ImageBatch batch, int sample) {
        int[][] rows = new int[batch.height()][batch.width()];
        int begin = sample * batch.height() * batch.width();
        for (int y = 0; y < batch.height(); y++) {
            for (int x = 0; x < batch.width(); x++) {
                rows[y][x] = batch.images().get(begin + y * batch.width() + x) & 0xff;
            }
        }
        return rows;
    }

    private String answer(int[][] pixels) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + ports.of(Part.INFERENCE) + "/classify"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(Map.of("pixels", pixels))))
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body()).path("label").asText();
    }
}
