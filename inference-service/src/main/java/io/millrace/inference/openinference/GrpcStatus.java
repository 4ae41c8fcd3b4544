// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.image.PictureException;
import io.millrace.inference.problem.GoneException;
import io.millrace.inference.problem.LateException;
import io.millrace.inference.problem.NoSuchModelException;
import io.millrace.inference.problem.UnavailableException;

/**
 * How a call ends (<a href="https://github.com/grpc/grpc/blob/master/doc/statuscodes.md">status codes</a>), and which status of HTTP says the
 * same.
 */
enum GrpcStatus {
    OK(0, 200),
    CANCELLED(1, 499),
    INVALID_ARGUMENT(3, 400),
    DEADLINE_EXCEEDED(4, 504),
    NOT_FOUND(5, 404),
    PERMISSION_DENIED(7, 403),
    RESOURCE_EXHAUSTED(8, 413),
    UNIMPLEMENTED(12, 501),
    INTERNAL(13, 500),
    UNAVAILABLE(14, 503),
    UNAUTHENTICATED(16, 401);

    private final int code;
    private final int http;

    GrpcStatus(int code, int http) {
        this.code = code;
        this.http = http;
    }

    int code() {
        return code;
    }

    int http() {
        return http;
    }

    static GrpcStatus ofHttp(int status) {
        for (GrpcStatus each : values()) {
            if (each.http == status) {
                return each;
            }
        }
        return switch (status) {
            case 408 -> DEADLINE_EXCEEDED;
            case 429 -> UNAVAILABLE;
            default -> status < 500 ? INVALID_ARGUMENT : INTERNAL;
        };
    }

    static GrpcStatus of(Throwable failure) {
        if (failure instanceof PictureException refused) {
            return refused.reason() == PictureException.Reason.TOO_LARGE ? RESOURCE_EXHAUSTED : INVALID_ARGUMENT;
        } else if (failure instanceof InvalidProtocolBufferException) {
            return INVALID_ARGUMENT;
        } else if (failure instanceof NoSuchModelException) {
            return NOT_FOUND;
        } else if (failure instanceof UnavailableException) {
            return UNAVAILABLE;
        } else if (failure instanceof LateException) {
            return DEADLINE_EXCEEDED;
        } else if (failure instanceof GoneException) {
            return CANCELLED;
        }
        return failure instanceof UnsupportedOperationException ? UNIMPLEMENTED : INTERNAL;
    }
}
