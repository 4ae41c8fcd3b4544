// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.inference.classify.Inference;
import io.millrace.inference.registry.ModelCard;
import io.millrace.model.Predictions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An output of an answer: numbers or texts.
 *
 * @param numbers FP32, in the order of the shape; null where they are texts
 * @param texts BYTES, in UTF-8; null where they are numbers
 */
record OutputTensor(RequestedOutput asked, List<Long> shape, float[] numbers, List<String> texts) {
    /** An output of what the network saw. */
    static OutputTensor of(RequestedOutput asked, Inference.Seen seen) {
        Predictions predictions = seen.answer().predictions();
        List<String> classes = seen.model().classes();
        long count = predictions.size();
        if (asked.classes() > 0) {
            int best = Math.min(asked.classes(), classes.size());
            return new OutputTensor(
                    asked,
                    List.of(count, (long) best),
                    null,
                    IntStream.range(0, predictions.size())
                            .boxed()
                            .flatMap(image -> best(predictions, image, best, seen.model()))
                            .toList());
        }
        if (asked.name().equals(RequestedOutput.LABEL)) {
            return new OutputTensor(
                    asked,
                    List.of(count),
                    null,
                    IntStream.range(0, predictions.size())
                            .mapToObj(image -> classes.get(predictions.predicted(image)))
                            .toList());
        }
        float[] all = new float[predictions.size() * classes.size()];
        for (int image = 0; image < predictions.size(); image++) {
            float[] row = predictions.probabilities(image, seen.model().temperature());
            System.arraycopy(row, 0, all, image * row.length, row.length);
        }
        return new OutputTensor(asked, List.of(count, (long) classes.size()), all, null);
    }

    /** As Triton's extension writes it: {@code value:index:label}. */
    private static Stream<String> best(Predictions predictions, int image, int count, ModelCard model) {
        float[] row = predictions.probabilities(image, model.temperature());
        return IntStream.range(0, row.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer index) -> -row[index]))
                .limit(count)
                .map(index -> row[index] + ":" + index + ":" + model.classes().get(index));
    }

    String datatype() {
        return (numbers == null ? Datatype.BYTES : Datatype.FP32).name();
    }

    /** As bytes in memory, little-endian; of BYTES each element after its length in four bytes. */
    byte[] bytes() {
        if (numbers != null) {
            ByteBuffer raw = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            raw.asFloatBuffer().put(numbers);
            return raw.array();
        }
        List<byte[]> elements = texts.stream().map(text -> text.getBytes(UTF_8)).toList();
        int size = elements.stream()
                .mapToInt(element -> Integer.BYTES + element.length)
                .sum();
        ByteBuffer raw = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elements.forEach(element -> raw.putInt(element.length).put(element));
        return raw.array();
    }
}
