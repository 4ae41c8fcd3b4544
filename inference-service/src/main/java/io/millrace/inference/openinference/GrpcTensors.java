// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.inference.openinference.proto.InferParameter;
import io.millrace.inference.openinference.proto.InferTensorContents;
import io.millrace.inference.openinference.proto.ModelInferRequest;
import io.millrace.inference.openinference.proto.ModelInferResponse;
import io.millrace.inference.openinference.proto.ModelMetadataResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests and answers as messages. */
final class GrpcTensors {
    private GrpcTensors() {}

    /** What a message asks. */
    static InferRequest request(ModelInferRequest message) throws PictureException {
        boolean raw = message.getRawInputContentsCount() > 0;
        if (raw && message.getRawInputContentsCount() != message.getInputsCount()) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "there are " + message.getRawInputContentsCount() + " raw_input_contents for "
                            + message.getInputsCount() + " inputs; each has its own, or none has");
        }
        List<InputTensor> inputs = new ArrayList<>();
        for (int k = 0; k < message.getInputsCount(); k++) {
            inputs.add(input(message.getInputs(k), raw ? message.getRawInputContents(k) : null));
        }
        List<RequestedOutput> outputs = new ArrayList<>();
        for (ModelInferRequest.InferRequestedOutputTensor output : message.getOutputsList()) {
            outputs.add(RequestedOutput.of(
                    output.getName(), Optional.empty(), count(output.getParametersMap(), "classification")));
        }
        Optional<String> id = message.getId().isEmpty() ? Optional.empty() : Optional.of(message.getId());
        return InferRequest.of(id, inputs, outputs, false);
    }

    private static long count(Map<String, InferParameter> parameters, String name) {
        InferParameter parameter = parameters.getOrDefault(name, InferParameter.getDefaultInstance());
        return parameter.hasUint64Param() ? parameter.getUint64Param() : parameter.getInt64Param();
    }

    private static InputTensor input(ModelInferRequest.InferInputTensor message, ByteString raw)
            throws PictureException {
        Datatype type = Datatype.of(message.getDatatype());
        long[] shape =
                message.getShapeList().stream().mapToLong(Long::longValue).toArray();
        int count = InputTensor.elements(message.getName(), shape);
        if (raw != null && message.hasContents()) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "input \"" + message.getName()
                            + "\" has both contents and raw_input_contents; one of them is needed");
        }
        return new InputTensor(
                message.getName(),
                type,
                shape,
                raw == null
                        ? contents(type, message.getContents())
                        : RawTensor.read(type, raw.asReadOnlyByteBuffer(), count));
    }

    private static Contents contents(Datatype type, InferTensorContents contents) {
        return switch (type) {
            case UINT8 ->
                new Contents.Numbers(
                        contents.getUintContentsCount(), k -> Integer.toUnsignedLong(contents.getUintContents(k)));
            case INT32 -> new Contents.Numbers(contents.getIntContentsCount(), contents::getIntContents);
            case INT64 -> new Contents.Numbers(contents.getInt64ContentsCount(), contents::getInt64Contents);
            case FP32 -> new Contents.Numbers(contents.getFp32ContentsCount(), contents::getFp32Contents);
            case FP64 -> new Contents.Numbers(contents.getFp64ContentsCount(), contents::getFp64Contents);
            case BYTES ->
                new Contents.Files(contents.getBytesContentsList().stream()
                        .map(ByteString::toByteArray)
                        .toList());
        };
    }

    /** An answer; its outputs are raw. */
    static ModelInferResponse response(InferAnswer answer) {
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(answer.model())
                .setModelVersion(answer.version())
                .setId(answer.request().id().orElse(""));
        answer.parameters()
                .forEach((name, value) -> response.putParameters(
                        name, InferParameter.newBuilder().setStringParam(value).build()));
        for (OutputTensor output : answer.outputs()) {
            response.addOutputs(ModelInferResponse.InferOutputTensor.newBuilder()
                    .setName(output.asked().name())
                    .setDatatype(output.datatype())
                    .addAllShape(output.shape()));
            response.addRawOutputContents(UnsafeByteOperations.unsafeWrap(output.bytes()));
        }
        return response.build();
    }

    /** What is known of a model. */
    static ModelMetadataResponse metadata(ModelMetadata metadata) {
        return ModelMetadataResponse.newBuilder()
                .setName(metadata.name())
                .addAllVersions(metadata.versions())
                .setPlatform(metadata.platform())
                .addAllInputs(
                        metadata.inputs().stream().map(GrpcTensors::tensor).toList())
                .addAllOutputs(
                        metadata.outputs().stream().map(GrpcTensors::tensor).toList())
                .build();
    }

    private static ModelMetadataResponse.TensorMetadata tensor(ModelMetadata.TensorMetadata tensor) {
        return ModelMetadataResponse.TensorMetadata.newBuilder()
                .setName(tensor.name())
                .setDatatype(tensor.datatype())
                .addAllShape(tensor.shape())
                .build();
    }
}
