// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import io.millrace.image.PictureException;
import io.millrace.inference.openinference.proto.InferParameter;
import io.millrace.inference.openinference.proto.InferTensorContents;
import io.millrace.inference.openinference.proto.ModelInferRequest;
import io.millrace.inference.openinference.proto.ModelInferRequest.InferInputTensor;
import io.millrace.inference.openinference.proto.ModelInferRequest.InferRequestedOutputTensor;
import io.millrace.inference.openinference.proto.ModelMetadataRequest;
import io.millrace.inference.registry.WantedModel;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class GrpcCallsTest {
    private static final int MANY = 1_000_000;

    @Test
    void whatIsAskedIsReadWithoutTheValues() throws Exception {
        ModelInferRequest message = raw(200_000).setModelVersion("v").build();

        assertThat(InferSkim.wanted(CodedInputStream.newInstance(message.toByteArray())))
                .isEqualTo(WantedModel.of("mnist", "v"));
        assertThat(GrpcCalls.request(body(message)).input().contents().size()).isEqualTo(200_000);
    }

    @Test
    void valuesMayBeAsManyAsTheBodyHolds() throws Exception {
        InferTensorContents.Builder numbers = InferTensorContents.newBuilder();
        for (int k = 0; k < 200_000; k++) {
            numbers.addUintContents(k % 256);
        }
        assertThat(GrpcCalls.request(body(typed("UINT8", 200_000, numbers)))
                        .input()
                        .contents()
                        .size())
                .isEqualTo(200_000);
        ByteString file = ByteString.copyFrom(new byte[100_000]);
        assertThat(GrpcCalls.request(body(typed(
                                "BYTES", 2, InferTensorContents.newBuilder().addAllBytesContents(List.of(file, file)))))
                        .input()
                        .contents()
                        .size())
                .isEqualTo(2);
    }

    /** Each would become an object, of many more bytes than its two. */
    @Test
    void fieldsBeyondWhatARequestNeedsAreRefusedBeforeTheyBecomeObjects() {
        assertRefused(
                () -> wanted(filled(ModelInferRequest.INPUTS_FIELD_NUMBER)),
                "there are more than 1 inputs; one is needed, \"image\"");
        assertRefused(
                () -> wanted(filled(ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER)),
                "there are more than 1 raw_input_contents");
        assertRefused(() -> wanted(filled(ModelInferRequest.OUTPUTS_FIELD_NUMBER)), "there are more than 2 outputs");
        assertRefused(
                () -> wanted(filled(ModelInferRequest.PARAMETERS_FIELD_NUMBER)),
                "the message has more than 65536 bytes beside the values");
        assertRefused(() -> wanted(filled(99)), "the message has more than 65536 bytes beside the values");
        assertRefused(
                () -> wanted(raw(1).setModelName("é".repeat(InferSkim.BESIDE_VALUES))
                        .build()
                        .toByteString()),
                "the message has more than 65536 bytes beside the values");
    }

    @Test
    void soAreThoseOfAnInput() {
        InferInputTensor.Builder shape = InferInputTensor.newBuilder();
        for (int k = 0; k < MANY; k++) {
            shape.addShape(1);
        }
        assertRefused(() -> request(shape.build().toByteString()), "bytes beside the values");
        InferInputTensor.Builder parameters = InferInputTensor.newBuilder();
        for (int k = 0; k < 20_000; k++) {
            parameters.putParameters(Integer.toString(k), InferParameter.getDefaultInstance());
        }
        assertRefused(() -> request(parameters.build().toByteString()), "bytes beside the values");
        assertRefused(
                () -> request(contents(filled(InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER))),
                "bytes beside the values");
        // A number where a field of another type is: nobody knows it.
        byte[] unknown = new byte[2 * MANY];
        java.util.Arrays.fill(unknown, (byte) (InferTensorContents.FP32_CONTENTS_FIELD_NUMBER << 3));
        assertRefused(() -> request(contents(ByteString.copyFrom(unknown))), "bytes beside the values");
    }

    @Test
    void wholeNumbersThatBecomeManyTimesTheirBytesAreFew() {
        byte[] zeros = new byte[InferSkim.WHOLE_NUMBERS];
        assertRefused(
                () -> request(
                        contents(field(InferTensorContents.INT64_CONTENTS_FIELD_NUMBER, ByteString.copyFrom(zeros)))),
                "more than 8388608 bytes of whole numbers; send so many values in raw_input_contents");
        byte[] single = new byte[zeros.length + 2];
        for (int k = 0; k < single.length; k += 2) {
            single[k] = InferTensorContents.UINT_CONTENTS_FIELD_NUMBER << 3;
        }
        assertRefused(() -> request(contents(ByteString.copyFrom(single))), "bytes of whole numbers");
    }

    @Test
    void whatIsNoMessageIsRefused() {
        assertRefused(() -> GrpcCalls.request(framed(new byte[] {7, 7})), "is not what ModelInfer takes");
        assertRefused(() -> GrpcCalls.request(framed(new byte[] {0x2a, 9, 1})), "is not what ModelInfer takes");
        assertRefused(() -> GrpcCalls.request(framed(new byte[] {0x3a, -1, -1, -1, -1, 15})), "is not what");
        assertRefused(() -> GrpcCalls.request(framed(new byte[] {0x0c})), "is not what ModelInfer takes");
        assertRefused(() -> GrpcCalls.request(framed(new byte[] {0x0b, 0x0c})), "it has a group");
    }

    @Test
    void whatIsReadOnTheEventLoopIsShort() throws Exception {
        ModelMetadataRequest.Builder asked = ModelMetadataRequest.newBuilder().setName("mnist");
        assertThat(GrpcCalls.read("ModelMetadata", body(asked.build()), ModelMetadataRequest.parser()))
                .isEqualTo(asked.build());

        byte[] longer = body(asked.setName("m".repeat(GrpcCalls.SHORT)).build());

        assertRefused(
                () -> GrpcCalls.read("ModelMetadata", longer, ModelMetadataRequest.parser()),
                "more than the 65536 that ModelMetadata takes");
    }

    private static WantedModel wanted(ByteString message) throws Exception {
        return InferSkim.wanted(message.newCodedInput());
    }

    private static InferRequest request(ByteString input) throws PictureException {
        return GrpcCalls.request(
                framed(field(ModelInferRequest.INPUTS_FIELD_NUMBER, input).toByteArray()));
    }

    private static ByteString contents(ByteString contents) {
        return field(InferInputTensor.CONTENTS_FIELD_NUMBER, contents);
    }

    private static ByteString field(int number, ByteString bytes) {
        return com.google.protobuf.UnknownFieldSet.newBuilder()
                .addField(
                        number,
                        com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(bytes)
                                .build())
                .build()
                .toByteString();
    }

    /** A million empty ones. */
    private static ByteString filled(int number) {
        ByteString one = field(number, ByteString.EMPTY);
        byte[] all = new byte[MANY * one.size()];
        for (int k = 0; k < MANY; k++) {
            one.copyTo(all, k * one.size());
        }
        return ByteString.copyFrom(all);
    }

    private static ModelInferRequest.Builder raw(int values) {
        return ModelInferRequest.newBuilder()
                .setModelName("mnist")
                .addInputs(tensor("UINT8", values))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("label"))
                .addRawInputContents(ByteString.copyFrom(new byte[values]));
    }

    private static ModelInferRequest typed(String datatype, int values, InferTensorContents.Builder contents) {
        return ModelInferRequest.newBuilder()
                .addInputs(tensor(datatype, values).setContents(contents))
                .build();
    }

    private static InferInputTensor.Builder tensor(String datatype, int values) {
        return InferInputTensor.newBuilder()
                .setName("image")
                .setDatatype(datatype)
                .addShape(values);
    }

    private static byte[] body(MessageLite message) {
        return framed(message.toByteArray());
    }

    private static byte[] framed(byte[] message) {
        return GrpcMessage.framed(message).getBytes();
    }

    private static void assertRefused(ThrowingCallable reading, String message) {
        assertThatExceptionOfType(PictureException.class).isThrownBy(reading).withMessageContaining(message);
    }
}
