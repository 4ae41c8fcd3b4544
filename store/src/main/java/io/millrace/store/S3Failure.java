// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import io.millrace.store.StoreAddress.InS3;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** What a request failed of, in words, with the remedy. Codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. */
final class S3Failure {
    private S3Failure() {}

    static IOException of(SdkException failure, InS3 address, S3Settings settings) {
        String why = failure instanceof AwsServiceException answer
                ? refused(answer, address)
                : Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                        .map(S3Failure::unanswered)
                        .flatMap(Optional::stream)
                        .findFirst()
                        .orElse(String.valueOf(failure.getMessage()));
        return new IOException("the checkpoint store " + address + " at " + settings.place() + ": " + why, failure);
    }

    private static String refused(AwsServiceException answer, InS3 address) {
        String code = Optional.ofNullable(answer.awsErrorDetails())
                .map(AwsErrorDetails::errorCode)
                .orElse("");
        String said = answer.statusCode() + (code.isEmpty() ? "" : " " + code);
        return switch (code) {
            case "NoSuchBucket" ->
                "there is no bucket \"" + address.bucket() + "\"; make it, or correct millrace.checkpoints.uri";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken" ->
                "the keys are refused (" + said
                        + "); correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or where else the keys come from";
            case "ExpiredToken" -> "the keys have expired (" + said + "); renew them";
            case "RequestTimeTooSkewed" -> "the clocks differ too much (" + said + "); set this machine's";
            case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException" ->
                "the bucket" + " lies in another region (" + said + "); set millrace.checkpoints.s3.region";
            default -> refused(answer.statusCode(), said);
        };
    }

    private static String refused(int status, String said) {
        if (status == 403) {
            return "these keys do not have the right (" + said
                    + "); allow s3:ListBucket on the bucket, and s3:GetObject,"
                    + " s3:PutObject and s3:DeleteObject below the prefix";
        }
        if (status == 301 || status == 307) {
            return "the bucket lies elsewhere (" + said + "); set millrace.checkpoints.s3.region";
        }
        if (status == 429 || status >= 500) {
            return "it does not serve now (" + said + "); see how the server does";
        }
        return "it refuses the request (" + said + "); see whether millrace.checkpoints.s3.endpoint is a server of S3";
    }

    /** Of one of the causes; empty when it tells nothing. */
    private static Optional<String> unanswered(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof ApiCallTimeoutException
                || cause instanceof ApiCallAttemptTimeoutException
                || cause instanceof SocketTimeoutException && !message.contains("onnect")) {
            return Optional.of("it takes too long to answer; see how the server does, and raise"
                    + " millrace.checkpoints.s3.request-timeout where objects are large and the way is slow");
        }
        if (message.startsWith("Unable to load credentials")) {
            return Optional.of(
                    "no keys are found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role"
                            + " of this pod or machine");
        }
        if (message.startsWith("Unable to load region")) {
            return Optional.of("no region is found; set millrace.checkpoints.s3.region");
        }
        if (cause instanceof UnknownHostException
                || cause instanceof ConnectException
                || cause instanceof NoRouteToHostException
                || cause instanceof SocketTimeoutException) {
            return Optional.of("it cannot be reached (" + cause + "); see whether the server runs, and whether"
                    + " millrace.checkpoints.s3.endpoint is right");
        }
        return Optional.empty();
    }
}
