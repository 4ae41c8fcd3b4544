// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.local.Refusal;
import io.millrace.local.watch.Samples;
import io.millrace.test.TestBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is known of runs on a real broker. */
class RunBookIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Ordered anew under the id of {@link Samples#RUN}. */
    private static final RunSpec AGAIN = ordered("quick-1", Instant.EPOCH.plusSeconds(60));

    private static final RunSpec OTHER = ordered("accurate-7", Instant.EPOCH.plusSeconds(30));

    private static TestBroker broker;
    private static KafkaConnection kafka;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start();
        kafka = KafkaConnection.of(broker.bootstrapServers());
        TopicAdmin.ensure(
                kafka, List.of(Topic.RUNS, Topic.RUN_STATUS, Topic.METRICS, Topic.EVALUATIONS, Topic.PROMOTIONS));
        try (Producer<String, byte[]> producer = kafka.producer(Map.of())) {
            for (RunSpec run : List.of(Samples.RUN, OTHER, AGAIN)) {
                send(producer, Topic.RUNS, run.key(), run);
            }
            send(producer, Topic.RUN_STATUS, Samples.STATUS.key(), Samples.STATUS);
            for (MetricPoint point : List.of(
                    Scored.point(AGAIN, 2, 1, false),
                    Scored.point(AGAIN, 1, 1, false),
                    Scored.point(Samples.RUN, 9, 1, false),
                    Scored.point(AGAIN, 2, 1, true))) {
                send(producer, Topic.METRICS, point.key(), point);
            }
            for (RunSpec run : List.of(Samples.RUN, AGAIN)) {
                for (long step : List.of(5L, 3L)) {
                    var evaluation = Scored.evaluation(run, step, step == 3 ? 0.9 : 0.6);
                    send(producer, Topic.EVALUATIONS, evaluation.checkpoint().checkpointId(), evaluation);
                }
            }
        }
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    private static RunSpec ordered(String runId, Instant at) {
        RunSpec run = Samples.RUN;
        return new RunSpec(
                runId,
                at,
                run.model(),
                run.dataset(),
                run.network(),
                run.recipe(),
                run.shards(),
                run.seed(),
                run.batchesPerEpoch(),
                run.encoding(),
                run.priority());
    }

    private static void send(Producer<String, byte[]> producer, Topic topic, String key, Object event)
            throws Exception {
        producer.send(new ProducerRecord<>(topic.name(), key, EventCodec.encode(event)))
                .get();
    }

    @Test
    void aRunIsTheLatestOfItsIdWithItsOwnPointsAndEvaluationsInOrder() {
        try (RunBook book = new RunBook(kafka)) {
            book.catchUp(PATIENCE);

            RunRecord record = book.find("quick-1");

            assertThat(record.run().incarnation()).isEqualTo(AGAIN.incarnation());
            assertThat(record.points()).extracting(MetricPoint::step).containsExactly(1L, 2L);
            assertThat(record.points().get(1).validationLoss()).isEqualTo(0.5);
            assertThat(record.evaluations())
                    .extracting(each -> each.checkpoint().checkpointId())
                    .containsExactly(AGAIN.incarnation() + "-step-3", AGAIN.incarnation() + "-step-5");
            assertThat(record.best().orElseThrow().step()).isEqualTo(3);
            assertThat(book.names()).containsExactly("quick-1", "accurate-7");
        }
    }

    @Test
    void aRunThatThereIsNotIsRefusedNamingThoseThatThereAre() {
        try (RunBook book = new RunBook(kafka)) {
            book.catchUp(PATIENCE);

            assertThatThrownBy(() -> book.find("quick-2"))
                    .isInstanceOf(Refusal.class)
                    .hasMessage(
                            "there is no run \"quick-2\"; the nearest is \"quick-1\", and there are quick-1, accurate-7");
        }
    }

    @Test
    void aBrokerThatDoesNotAnswerIsToldAsSuch() {
        try (RunBook book = new RunBook(KafkaConnection.of("127.0.0.1:9"))) {
            assertThatThrownBy(() -> book.catchUp(Duration.ofMillis(500)))
                    .isInstanceOf(Refusal.class)
                    .hasMessageStartingWith("the runs cannot be read from Kafka");
        }
    }
}
