// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.http.ErrorForm;
import io.millrace.http.Problem;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.classify.RequestTrace;
import io.millrace.inference.openinference.proto.ModelInferRequest;
import io.millrace.inference.openinference.proto.ModelMetadataRequest;
import io.millrace.inference.openinference.proto.ModelReadyRequest;
import io.millrace.inference.openinference.proto.ModelReadyResponse;
import io.millrace.inference.openinference.proto.ServerLiveResponse;
import io.millrace.inference.openinference.proto.ServerMetadataResponse;
import io.millrace.inference.openinference.proto.ServerReadyResponse;
import io.millrace.inference.problem.LateException;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import io.quarkus.logging.Log;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The protocol over gRPC
 * (<a href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_grpc.md">specification</a>). A
 * call without streams is a POST over HTTP/2 whose body is one message and whose answer has trailers: so it comes the way of all
 * requests, by the same door, with a ticket and a body within the same budget. Thread-safe.
 */
@Singleton
public final class GrpcCalls implements ErrorForm {
    /** Where all of its methods are. */
    static final String SERVICE = "/inference.GRPCInferenceService/";

    private static final String TYPE = "application/grpc";
    /** After what resources of Quarkus might say. */
    private static final int AFTER_FILTERS = 1;
    /** Parsing more than that would keep others waiting, and no name is that long. */
    static final int SHORT = 1 << 16;

    private final OpenInference openInference;
    private final InferenceMetrics metrics;
    private final String version;

    GrpcCalls(
            OpenInference openInference,
            InferenceMetrics metrics,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.openInference = openInference;
        this.metrics = metrics;
        this.version = version;
    }

    void register(@Observes Router router) {
        router.post(SERVICE + ":method").order(AFTER_FILTERS).handler(this::call);
    }

    private void call(RoutingContext routing) {
        if (routing.request().version() != HttpVersion.HTTP_2) {
            routing.next();
            return;
        }
        Context context = Vertx.currentContext();
        answer(routing)
                .whenComplete((message, failure) -> context.runOnContext(
                        now -> end(routing, message, failure == null ? null : unwrapped(failure))));
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private CompletionStage<? extends MessageLite> answer(RoutingContext routing) {
        String method = routing.pathParam("method");
        try {
            CompletionStage<? extends MessageLite> answer =
                    switch (method) {
                        case "ServerLive" ->
                            done(ServerLiveResponse.newBuilder()
                                    .setLive(openInference.live())
                                    .build());
                        case "ServerReady" ->
                            done(ServerReadyResponse.newBuilder()
                                    .setReady(openInference.ready())
                                    .build());
                        case "ServerMetadata" ->
                            done(ServerMetadataResponse.newBuilder()
                                    .setName(OpenInference.SERVER)
                                    .setVersion(version)
                                    .addExtensions("classification")
                                    .build());
                        case "ModelReady" -> done(ready(read(routing, ModelReadyRequest.parser())));
                        case "ModelMetadata" -> {
                            ModelMetadataRequest asked = read(routing, ModelMetadataRequest.parser());
                            yield done(GrpcTensors.metadata(
                                    openInference.metadata(wanted(asked.getName(), asked.getVersion()))));
                        }
                        case "ModelInfer" -> infer(routing);
                        default ->
                            throw new UnsupportedOperationException(
                                    "there is no method " + method + "; there are"
                                            + " ServerLive, ServerReady, ServerMetadata, ModelReady, ModelMetadata and ModelInfer");
                    };
            // A label of the requests' metrics: one of six.
            ((HttpServerRequestInternal) routing.request()).context().putLocal("UrlPathTemplate", SERVICE + method);
            return answer;
        } catch (PictureException | RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private static <T> CompletionStage<T> done(T message) {
        return CompletableFuture.completedStage(message);
    }

    private ModelReadyResponse ready(ModelReadyRequest asked) {
        boolean ready = openInference.ready() && openInference.loaded(wanted(asked.getName(), asked.getVersion()));
        return ModelReadyResponse.newBuilder().setReady(ready).build();
    }

    static WantedModel wanted(String name, String version) {
        return version.isEmpty() ? WantedModel.named(name) : WantedModel.of(name, version);
    }

    private CompletionStage<? extends MessageLite> infer(RoutingContext routing) throws PictureException {
        Ticket ticket = Ticket.of(routing);
        WantedModel wanted = reading("ModelInfer", () -> InferSkim.wanted(in(ticket.body())));
        return openInference.infer(ticket, wanted, () -> request(ticket.body())).thenApply(GrpcTensors::response);
    }

    /** What {@code ModelInfer} is asked in a body; to be read by who has a place. */
    static InferRequest request(byte[] body) throws PictureException {
        return GrpcTensors.request(reading("ModelInfer", () -> {
            InferSkim.requireParsable(in(body));
            return ModelInferRequest.parseFrom(in(body));
        }));
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException, PictureException;
    }

    private static <T> T reading(String method, Reading<T> reading) throws PictureException {
        try {
            return reading.read();
        } catch (IOException e) {
            throw new PictureException(
                    Reason.MALFORMED, "the message is not what " + method + " takes: " + e.getMessage(), e);
        }
    }

    private static <T> T read(RoutingContext routing, Parser<T> parser) throws PictureException {
        return read(routing.pathParam("method"), Ticket.of(routing).body(), parser);
    }

    /** A message that is read on the event loop. */
    static <T> T read(String method, byte[] body, Parser<T> parser) throws PictureException {
        if (body.length > SHORT) {
            throw new PictureException(
                    Reason.TOO_LARGE,
                    "the message has " + body.length + " bytes, more than the " + SHORT + " that " + method + " takes");
        }
        return reading(method, () -> parser.parseFrom(in(body)));
    }

    /** Bytes that are read from it are those of the body, not copied. */
    private static CodedInputStream in(byte[] body) throws PictureException {
        CodedInputStream in =
                UnsafeByteOperations.unsafeWrap(GrpcMessage.read(body)).newCodedInput();
        in.enableAliasing(true);
        return in;
    }

    private void end(RoutingContext routing, MessageLite message, Throwable failure) {
        HttpServerResponse response = routing.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (failure != null) {
            refuse(routing, failure);
            return;
        }
        RequestTrace.ended(routing, GrpcStatus.OK.http());
        response.putHeader(HttpHeaders.CONTENT_TYPE, TYPE)
                .putTrailer("grpc-status", Integer.toString(GrpcStatus.OK.code()))
                .end(GrpcMessage.framed(message.toByteArray()));
    }

    private void refuse(RoutingContext routing, Throwable failure) {
        GrpcStatus status = GrpcStatus.of(failure);
        if (failure instanceof UnavailableException unavailable) {
            metrics.refused(unavailable.refusal());
        } else if (failure instanceof LateException) {
            metrics.refused(Refusal.LATE);
        }
        if (status == GrpcStatus.INTERNAL) {
            Log.error("A call failed", failure);
            end(routing, status, "the service failed; its log says why");
        } else {
            end(routing, status, failure.getMessage());
        }
    }

    private static void end(RoutingContext routing, GrpcStatus status, String why) {
        RequestTrace.ended(routing, status.http());
        routing.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, TYPE)
                .putHeader("grpc-status", Integer.toString(status.code()))
                .putHeader("grpc-message", GrpcMessage.escaped(why))
                .end();
    }

    @Override
    public boolean of(String path) {
        return path.startsWith(SERVICE);
    }

    @Override
    public void answer(RoutingContext routing, Problem problem) {
        end(routing, GrpcStatus.ofHttp(problem.status()), problem.detail());
    }

    /** What is said of a method that there is not. */
    static void refuseMethod(HttpServerResponse response, String path) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, TYPE)
                .putHeader("grpc-status", Integer.toString(GrpcStatus.UNIMPLEMENTED.code()))
                .putHeader(
                        "grpc-message",
                        GrpcMessage.escaped(
                                "there is no method " + path + "; there are those of inference.GRPCInferenceService"
                                        + " of the Open Inference Protocol"))
                .end();
    }
}
