// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.UnknownFieldSet;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.local.insight.EvaluatorStandIn;
import io.millrace.local.insight.RunRecord;
import io.millrace.local.insight.Scored;
import io.millrace.local.watch.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was written is read back by protobuf itself, and held against the numbers of the fields in TensorFlow's files. */
class RunEventsTest {
    @TempDir
    private Path folder;

    private final RunRecord record = Scored.record(Scored.evaluation(5, 0.8));

    private RunEvents begun() throws IOException {
        return RunEvents.anew(folder, Samples.RUN, Instant.EPOCH);
    }

    @Test
    void eachPointAndEvaluationIsAScalarOnce() throws Exception {
        try (RunEvents events = begun()) {
            events.write(record);
            events.write(record);
        }

        Map<String, Float> last = new LinkedHashMap<>();
        List<String> tags = new ArrayList<>();
        for (UnknownFieldSet event : events()) {
            for (UnknownFieldSet value : values(event)) {
                if (value.hasField(2)) {
                    tags.add(text(value, 1));
                    last.put(
                            text(value, 1) + " at " + number(event, 2),
                            Float.intBitsToFloat(
                                    value.getField(2).getFixed32List().get(0)));
                }
            }
        }
        assertThat(last)
                .contains(
                        entry("loss/training at 5", 0.2f),
                        entry("loss/validation at 5", 0.5f),
                        entry("accuracy/test at 5", 0.8f),
                        entry("learning rate at 1", 0.01f),
                        entry("by epoch/accuracy, test at 1", 0.8f),
                        entry("by epoch/accuracy, training at 1", 0.5f));
        assertThat(tags).filteredOn("loss/training"::equals).hasSize(5);
        assertThat(tags).filteredOn("accuracy/test"::equals).hasSize(1);
    }

    @Test
    void aRunThatGoesOnIsAddedTo() throws Exception {
        RunRecord half = new RunRecord(record.run(), null, record.points().subList(0, 2), List.of(), null);
        try (RunEvents events = begun()) {
            events.write(half);
            assertThat(events.points()).isEqualTo(2);
            events.write(record);
            assertThat(events.points()).isEqualTo(5);
        }

        assertThat(steps("loss/training")).containsExactly(1L, 2L, 3L, 4L, 5L);
        // Its one epoch was not over before
        assertThat(steps("by epoch/loss, training")).containsExactly(1L);
    }

    @Test
    void pointsOfStepsThatWereTrainedAgainComeAgainAndTheOthersDoNot() throws Exception {
        // Given a run that was resumed from step 3 and has trained one step since
        List<MetricPoint> points = new ArrayList<>(record.points());
        points.set(3, Scored.point(Samples.RUN, 4, 1, true));
        RunRecord again = new RunRecord(record.run(), record.status(), points, List.of(), null);

        // When
        try (RunEvents events = begun()) {
            events.write(record);
            events.write(again);
            events.write(again);
            assertThat(events.points()).isEqualTo(5);
        }

        // Then
        assertThat(steps("loss/training")).containsExactly(1L, 2L, 3L, 4L, 5L, 4L);
    }

    @Test
    void aFileBeginsWithItsVersionAndReplacesTheOneBefore() throws Exception {
        begun().close();
        RunEvents.anew(folder, Samples.RUN, Instant.EPOCH.plusSeconds(1)).close();

        assertThat(files()).hasSize(1);
        assertThat(text(events().get(0), 3)).isEqualTo("brain.Event:2");
    }

    @Test
    void hyperParametersAndTheEndAreThoseOfTheHparamsPlugin() throws Exception {
        try (RunEvents events = begun()) {
            events.write(record);
        }

        UnknownFieldSet start = message(plugin("_hparams_/session_start_info"), 3);
        Map<String, UnknownFieldSet> parameters = new LinkedHashMap<>();
        for (var parameter : start.getField(1).getLengthDelimitedList()) {
            UnknownFieldSet read = UnknownFieldSet.parseFrom(parameter);
            parameters.put(text(read, 1), message(read, 2));
        }
        assertThat(real(parameters.get("schedule.learningRate"), 2))
                .isEqualTo(Samples.RUN.recipe().schedule().learningRate());
        assertThat(text(parameters.get("network"), 3)).isEqualTo("resnet18");
        assertThat(number(parameters.get("channelsLast"), 4)).isEqualTo(1);
        assertThat(text(start, 4)).isEqualTo("quick-1");
        assertThat(number(message(plugin("_hparams_/session_end_info"), 4), 1)).isEqualTo(1);
    }

    @Test
    void picturesSayTheirSize() throws Exception {
        try (RunEvents events = begun()) {
            events.picture("confusion", 5, Instant.EPOCH, EvaluatorStandIn.PIXEL);
        }

        UnknownFieldSet image = message(value("confusion"), 4);
        assertThat(List.of(number(image, 1), number(image, 2), number(image, 3)))
                .containsExactly(1L, 1L, 3L);
        assertThat(image.getField(4).getLengthDelimitedList().get(0).toByteArray())
                .isEqualTo(EvaluatorStandIn.PIXEL);
    }

    @Test
    void aGraphHasNodesWithInputsAndShapes() throws Exception {
        try (RunEvents events = begun()) {
            events.graph("image\tInput\t\t1x28x28\nlayer1/conv1\tConv2d\timage\t64x28x28\n", Instant.EPOCH);
        }

        UnknownFieldSet graph = UnknownFieldSet.parseFrom(events().stream()
                .filter(event -> event.hasField(4))
                .findFirst()
                .orElseThrow()
                .getField(4)
                .getLengthDelimitedList()
                .get(0));
        UnknownFieldSet node = UnknownFieldSet.parseFrom(
                graph.getField(1).getLengthDelimitedList().get(1));
        assertThat(List.of(text(node, 1), text(node, 2), text(node, 3)))
                .containsExactly("layer1/conv1", "Conv2d", "image");
        UnknownFieldSet shape = message(message(message(message(node, 5), 2), 1), 7);
        assertThat(shape.getField(2).getLengthDelimitedList())
                .extracting(size -> number(UnknownFieldSet.parseFrom(size), 1))
                .containsExactly(-1L, 64L, 28L, 28L);
    }

    @Test
    void weightsAreCountedInBinsBetweenTheLeastAndTheLargest() throws Exception {
        ByteBuffer data = ByteBuffer.allocate(4 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(new float[] {-1, -1, 0.5f, 1});
        Path file = folder.resolve("weights.safetensors");
        Files.write(
                file,
                Safetensors.of(Map.of(), List.of(new Tensor("layer1.conv1.weight", DType.F32, List.of(4L), data)))
                        .toBytes());
        try (RunEvents events = begun()) {
            events.weights(Scored.evaluation(5, 0.8), Weights.read(file));
        }

        UnknownFieldSet histogram = message(value("weights/layer1/conv1/weight"), 5);
        assertThat(List.of(real(histogram, 1), real(histogram, 2), real(histogram, 3), real(histogram, 4)))
                .containsExactly(-1.0, 1.0, 4.0, -0.5);
        ByteBuffer bins = histogram
                .getField(7)
                .getLengthDelimitedList()
                .get(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bins.getDouble(0)).isEqualTo(2);
        assertThat(bins.getDouble(48 * Double.BYTES)).isEqualTo(1);
        assertThat(bins.getDouble(63 * Double.BYTES)).isEqualTo(1);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> each.getFileName().toString().startsWith("events.out.tfevents."))
                    .toList();
        }
    }

    /** All events of the one file; each record with the CRCs that it should have. */
    private List<UnknownFieldSet> events() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(files().get(0))).order(ByteOrder.LITTLE_ENDIAN);
        List<UnknownFieldSet> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[Long.BYTES];
            bytes.get(length);
            assertThat(bytes.getInt()).isEqualTo(Records.masked(length));
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(data);
            assertThat(bytes.getInt()).isEqualTo(Records.masked(data));
            events.add(UnknownFieldSet.parseFrom(data));
        }
        return events;
    }

    private List<Long> steps(String tag) throws IOException {
        List<Long> steps = new ArrayList<>();
        for (UnknownFieldSet event : events()) {
            for (UnknownFieldSet value : values(event)) {
                if (text(value, 1).equals(tag)) {
                    steps.add(number(event, 2));
                }
            }
        }
        return steps;
    }

    private UnknownFieldSet value(String tag) throws IOException {
        for (UnknownFieldSet event : events()) {
            for (UnknownFieldSet value : values(event)) {
                if (text(value, 1).equals(tag)) {
                    return value;
                }
            }
        }
        throw new AssertionError("no " + tag);
    }

    /** What a summary has for a plugin. */
    private UnknownFieldSet plugin(String tag) throws IOException {
        UnknownFieldSet plugin = message(message(value(tag), 9), 1);
        assertThat(text(plugin, 1)).isEqualTo("hparams");
        return message(plugin, 2);
    }

    private static List<UnknownFieldSet> values(UnknownFieldSet event) throws IOException {
        List<UnknownFieldSet> values = new ArrayList<>();
        for (var summary : event.getField(5).getLengthDelimitedList()) {
            for (var value : UnknownFieldSet.parseFrom(summary).getField(1).getLengthDelimitedList()) {
                values.add(UnknownFieldSet.parseFrom(value));
            }
        }
        return values;
    }

    private static UnknownFieldSet message(UnknownFieldSet of, int field) throws IOException {
        return UnknownFieldSet.parseFrom(
                of.getField(field).getLengthDelimitedList().get(0));
    }

    private static String text(UnknownFieldSet of, int field) {
        return of.getField(field).getLengthDelimitedList().get(0).toString(UTF_8);
    }

    private static long number(UnknownFieldSet of, int field) {
        return of.getField(field).getVarintList().get(0);
    }

    private static double real(UnknownFieldSet of, int field) {
        return Double.longBitsToDouble(of.getField(field).getFixed64List().get(0));
    }
}
