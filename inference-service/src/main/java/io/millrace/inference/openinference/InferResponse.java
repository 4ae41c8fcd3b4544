// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * The JSON of an answer.
 *
 * @param modelName that answered
 * @param modelVersion id of its checkpoint
 * @param id of the request, where it had one
 * @param parameters {@code warnings}, where there are any
 * @param outputs in the order in which they were asked for
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InferResponse(
        @JsonProperty("model_name") String modelName,
        @JsonProperty("model_version") String modelVersion,
        @JsonInclude(JsonInclude.Include.NON_NULL) String id,
        Map<String, String> parameters,
        List<Output> outputs) {
    /**
     * One output.
     *
     * @param name {@code probabilities} or {@code label}
     * @param datatype {@code FP32} or {@code BYTES}
     * @param shape the first number counts the images
     * @param parameters {@code binary_data_size}, where its data follows the JSON
     * @param data flat; numbers, or texts
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Output(
            String name, String datatype, List<Long> shape, Map<String, Integer> parameters, Object data) {}

    /**
     * The JSON of an answer.
     *
     * @param binary the bytes of those outputs that follow it, in their order: added to
     */
    static InferResponse of(InferAnswer answer, List<byte[]> binary) {
        return new InferResponse(
                answer.model(),
                answer.version(),
                answer.request().id().orElse(null),
                answer.parameters(),
                answer.outputs().stream()
                        .map(output -> output(answer.request(), output, binary))
                        .toList());
    }

    private static Output output(InferRequest request, OutputTensor output, List<byte[]> binary) {
        boolean follows = request.isBinary(output.asked());
        Map<String, Integer> parameters = Map.of();
        if (follows) {
            byte[] bytes = output.bytes();
            binary.add(bytes);
            parameters = Map.of("binary_data_size", bytes.length);
        }
        return new Output(
                output.asked().name(),
                output.datatype(),
                output.shape(),
                parameters,
                follows ? null : output.numbers() == null ? output.texts() : output.numbers());
    }
}
