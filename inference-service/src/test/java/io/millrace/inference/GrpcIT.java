// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.openinference.GrpcPort;
import io.millrace.inference.openinference.proto.InferParameter;
import io.millrace.inference.openinference.proto.InferTensorContents;
import io.millrace.inference.openinference.proto.ModelInferRequest;
import io.millrace.inference.openinference.proto.ModelInferRequest.InferInputTensor;
import io.millrace.inference.openinference.proto.ModelInferRequest.InferRequestedOutputTensor;
import io.millrace.inference.openinference.proto.ModelInferResponse;
import io.millrace.inference.openinference.proto.ModelMetadataRequest;
import io.millrace.inference.openinference.proto.ModelMetadataResponse;
import io.millrace.inference.openinference.proto.ModelReadyRequest;
import io.millrace.inference.openinference.proto.ModelReadyResponse;
import io.millrace.inference.openinference.proto.ServerLiveRequest;
import io.millrace.inference.openinference.proto.ServerLiveResponse;
import io.millrace.inference.openinference.proto.ServerMetadataRequest;
import io.millrace.inference.openinference.proto.ServerMetadataResponse;
import io.millrace.inference.openinference.proto.ServerReadyRequest;
import io.millrace.inference.openinference.proto.ServerReadyResponse;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Open Inference Protocol over gRPC, with a network that says the first pixel. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class GrpcIT {
    private static final int INVALID_ARGUMENT = 3;
    private static final int NOT_FOUND = 5;

    @Inject
    ModelRegistry registry;

    @Inject
    MeterRegistry meters;

    @Inject
    GrpcPort port;

    @Inject
    Vertx vertx;

    private HttpClient client;

    @BeforeEach
    void serve() {
        client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
        registry.serve(FakeModels.served("run-1-step-6", FakeModels.firstPixel()));
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
    }

    @AfterEach
    void close() {
        client.close();
    }

    /** How a call ended. */
    private record Call(int status, String message, Buffer body) {
        private <T> T as(Parser<T> parser) throws Exception {
            assertThat(status).as(message).isZero();
            assertThat(body.getByte(0)).isZero();
            assertThat(body.getInt(1)).isEqualTo(body.length() - 5);
            return parser.parseFrom(body.getBytes(5, body.length()));
        }
    }

    @Test
    void theServerSaysWhatItIsAndHow() throws Exception {
        assertThat(call("ServerLive", ServerLiveRequest.getDefaultInstance())
                        .as(ServerLiveResponse.parser())
                        .getLive())
                .isTrue();
        assertThat(call("ServerReady", ServerReadyRequest.getDefaultInstance())
                        .as(ServerReadyResponse.parser())
                        .getReady())
                .isTrue();
        assertThat(call("ServerMetadata", ServerMetadataRequest.getDefaultInstance())
                        .as(ServerMetadataResponse.parser())
                        .getName())
                .isEqualTo("millrace");
    }

    @Test
    void theModelSaysWhatItTakesAndGives() throws Exception {
        ModelMetadataResponse metadata = call(
                        "ModelMetadata",
                        ModelMetadataRequest.newBuilder().setName("mnist").build())
                .as(ModelMetadataResponse.parser());

        assertThat(metadata.getVersionsList()).containsExactly("run-1-step-7", "run-1-step-6");
        assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, 1L, 28L, 28L);
        assertThat(metadata.getOutputs(0).getName()).isEqualTo("probabilities");
        assertThat(ready("mnist", "")).isTrue();
        assertThat(ready("mnist", "run-1-step-6")).isTrue();
        assertThat(ready("mnist", "run-1-step-5")).isFalse();
        assertThat(ready("cifar", "")).isFalse();
    }

    private boolean ready(String model, String version) throws Exception {
        return call(
                        "ModelReady",
                        ModelReadyRequest.newBuilder()
                                .setName(model)
                                .setVersion(version)
                                .build())
                .as(ModelReadyResponse.parser())
                .getReady();
    }

    @Test
    void rawPixelsAreAnswered() throws Exception {
        ModelInferResponse answer = infer(raw(3).setId("42")).as(ModelInferResponse.parser());

        assertThat(answer.getModelName()).isEqualTo("mnist");
        assertThat(answer.getModelVersion()).isEqualTo("run-1-step-7");
        assertThat(answer.getId()).isEqualTo("42");
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(1L, 10L);
        assertThat(answer.getRawOutputContents(0).size()).isEqualTo(40);
        assertThat(answer.getRawOutputContents(1).toByteArray()).containsExactly(1, 0, 0, 0, '3');
    }

    @Test
    void contentsByTheirTypeAndFilesAreAnsweredAlike() throws Exception {
        InferTensorContents.Builder pixels = InferTensorContents.newBuilder();
        for (int k = 0; k < 28 * 28; k++) {
            pixels.addFp32Contents(k == 0 ? 5 : 9);
        }
        assertThat(label(tensor("FP32", 1, 1, 28, 28).setContents(pixels))).isEqualTo("5");
        byte[] values = new byte[28 * 28];
        values[0] = 4;
        ByteString file = ByteString.copyFrom(TestImages.file(TestImages.grey(28, 28, values), "png"));
        assertThat(label(tensor("BYTES", 1)
                        .setContents(InferTensorContents.newBuilder().addBytesContents(file))))
                .isEqualTo("4");
    }

    private String label(InferInputTensor.Builder input) throws Exception {
        return infer(ModelInferRequest.newBuilder()
                        .setModelName("mnist")
                        .addInputs(input)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("label")))
                .as(ModelInferResponse.parser())
                .getRawOutputContents(0)
                .substring(4)
                .toStringUtf8();
    }

    @Test
    void theBestClassesAreNamedInTritonsForm() throws Exception {
        ModelInferResponse answer = infer(raw(3).addOutputs(InferRequestedOutputTensor.newBuilder()
                        .setName("probabilities")
                        .putParameters(
                                "classification",
                                InferParameter.newBuilder().setInt64Param(1).build())))
                .as(ModelInferResponse.parser());

        assertThat(answer.getRawOutputContents(0).substring(4).toStringUtf8()).isEqualTo("1.0:3:3");
    }

    @Test
    void largeMessagesAreAnswered() throws Exception {
        ByteString pixels = ByteString.copyFrom(new byte[3 * 400 * 400]);
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName("mnist")
                .addInputs(tensor("UINT8", 1, 3, 400, 400))
                .addRawInputContents(pixels);

        assertThat(infer(request).as(ModelInferResponse.parser()).getParametersMap())
                .containsKey("warnings");
    }

    @Test
    void whatIsWrongIsSaidWithTheStatusThatFits() throws Exception {
        assertEnds(infer(raw(1).setModelName("cifar")), NOT_FOUND, "there is no model \"cifar\"; loaded are \"mnist\"");
        assertEnds(infer(raw(1).setModelVersion("1")), NOT_FOUND, "in version \"1\"");
        assertEnds(infer(ModelInferRequest.newBuilder().setModelName("mnist")), INVALID_ARGUMENT, "there are 0 inputs");
        assertEnds(
                infer(raw(1).addRawInputContents(ByteString.EMPTY)),
                INVALID_ARGUMENT,
                "more than 1 raw_input_contents");
        assertEnds(
                infer(raw(1).setRawInputContents(0, ByteString.copyFrom(new byte[7]))),
                INVALID_ARGUMENT,
                "has 7 bytes; 784 values of UINT8 have 784");
        assertEnds(
                infer(raw(1).setInputs(0, tensor("FP16", 1, 1, 28, 28))),
                INVALID_ARGUMENT,
                "datatype \"FP16\" is not taken");
        assertEnds(
                infer(ModelInferRequest.newBuilder().setModelName("mnist").addInputs(tensor("UINT8", 1, 1, 28, 28))),
                INVALID_ARGUMENT,
                "has 0 values");
        assertEnds(
                call("ModelInfer", Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 7, 7}), Map.of()),
                INVALID_ARGUMENT,
                "the message is not what ModelInfer takes");
        assertEnds(call("ModelInfer", Buffer.buffer(), Map.of()), INVALID_ARGUMENT, "no message");
        assertEnds(call("RepositoryIndex", Buffer.buffer(new byte[5]), Map.of()), 12, "no method RepositoryIndex");
        assertEnds(call("/grpc.health.v1.Health/Check", Buffer.buffer(new byte[5]), Map.of()), 12, "no method");
    }

    @Test
    void aMessageBeyondTheLimitIsRefusedInTheFormOfTheProtocol() throws Exception {
        assertEnds(
                call("ModelInfer", Buffer.buffer(new byte[ClassifyHttpIT.BODY_LIMIT + 1]), Map.of()),
                8,
                "more than the 1048576 that are taken");
    }

    @Test
    void whoDoesNotWaitIsToldSoAndNobodyWorksForThem() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        registry.serve(FakeModels.served("slow", FakeModels.network(images -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new float[images.size()][10];
        })));
        try {
            assertEnds(
                    call("ModelInfer", framed(raw(1).build()), Map.of("grpc-timeout", "100m")),
                    4,
                    "no answer within 100 ms");
            assertEnds(
                    call("ModelInfer", framed(raw(1).build()), Map.of("grpc-timeout", "soon")),
                    INVALID_ARGUMENT,
                    "is \"soon\"");
        } finally {
            release.countDown();
        }
    }

    @Test
    void aNetworkThatFailsIsOurFault() throws Exception {
        registry.serve(FakeModels.served("broken", FakeModels.network(images -> {
            throw new IllegalStateException("native failure");
        })));

        assertEnds(infer(raw(1)), 13, "the service failed");
    }

    @Test
    void callsAreCountedWithAllRequests() throws Exception {
        double success = requests(InferenceMetrics.SUCCESS);
        double invalid = requests(InferenceMetrics.INVALID);

        infer(raw(1)).as(ModelInferResponse.parser());
        infer(raw(1).setModelName("cifar"));

        await().untilAsserted(() -> {
            assertThat(requests(InferenceMetrics.SUCCESS)).isEqualTo(success + 1);
            assertThat(requests(InferenceMetrics.INVALID)).isEqualTo(invalid + 1);
        });
    }

    @Test
    void whoSpeaksOtherwiseIsToldWhere() throws Exception {
        java.net.http.HttpClient plain = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .build();

        var answer = plain.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + "/v2"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(426);
        assertThat(answer.body()).contains("this port speaks gRPC");
    }

    private static void assertEnds(Call call, int status, String message) {
        assertThat(call.status).as(call.message).isEqualTo(status);
        assertThat(call.message).contains(message);
    }

    private static InferInputTensor.Builder tensor(String datatype, long... shape) {
        InferInputTensor.Builder tensor =
                InferInputTensor.newBuilder().setName("image").setDatatype(datatype);
        for (long length : shape) {
            tensor.addShape(length);
        }
        return tensor;
    }

    private static ModelInferRequest.Builder raw(int first) {
        byte[] pixels = new byte[28 * 28];
        pixels[0] = (byte) first;
        return ModelInferRequest.newBuilder()
                .setModelName("mnist")
                .addInputs(tensor("UINT8", 1, 1, 28, 28))
                .addRawInputContents(ByteString.copyFrom(pixels));
    }

    private Call infer(ModelInferRequest.Builder request) throws Exception {
        return call("ModelInfer", request.build());
    }

    private Call call(String method, MessageLite message) throws Exception {
        return call(method, framed(message), Map.of());
    }

    private static Buffer framed(MessageLite message) {
        byte[] bytes = message.toByteArray();
        return Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
    }

    private Call call(String method, Buffer body, Map<String, String> headers) throws Exception {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(port.port())
                .setURI(method.startsWith("/") ? method : "/inference.GRPCInferenceService/" + method)
                .putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers");
        headers.forEach(options::putHeader);
        return client.request(options)
                .compose(request -> request.send(body))
                .compose(response -> response.body().map(bytes -> {
                    assertThat(response.statusCode()).isEqualTo(200);
                    assertThat(response.getHeader("content-type")).isEqualTo("application/grpc");
                    MultiMap ends =
                            response.headers().contains("grpc-status") ? response.headers() : response.trailers();
                    return new Call(
                            Integer.parseInt(ends.get("grpc-status")),
                            java.net.URLDecoder.decode(
                                    String.valueOf(ends.get("grpc-message")).replace("+", "%2B"),
                                    java.nio.charset.StandardCharsets.UTF_8),
                            bytes);
                }))
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, java.util.concurrent.TimeUnit.SECONDS);
    }

    private double requests(String outcome) {
        return meters.get(InferenceMetrics.REQUESTS)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }
}
