// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import io.millrace.store.StoreAddress.InS3;
import java.io.IOException;
import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The clients of a server of S3, made when they are first needed. Thread-safe. */
final class S3Connection {
    private static final int ATTEMPTS = 3;
    private static final Duration CONNECT = Duration.ofSeconds(2);
    /** For the pauses between attempts, which the SDK doubles. */
    private static final Duration PAUSES = Duration.ofSeconds(10);
    /** Of the question whether it answers. */
    private static final Duration ANSWER = Duration.ofMillis(2500);

    private final S3Settings settings;
    private S3Client client;
    private S3Client once;

    S3Connection(S3Settings settings) {
        this.settings = settings;
    }

    S3Settings settings() {
        return settings;
    }

    /** @throws SdkException when it cannot be made, because no region is known for example */
    synchronized S3Client client() {
        if (client == null) {
            client = client(ATTEMPTS, settings.requestTimeout());
        }
        return client;
    }

    private synchronized S3Client once() {
        if (once == null) {
            once = client(1, ANSWER);
        }
        return once;
    }

    private S3Client client(int attempts, Duration timeout) {
        S3ClientBuilder builder = S3Client.builder()
                .forcePathStyle(settings.pathStyle())
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(timeout))
                // Trailing checksums are more than many servers know; digests are compared here anyway.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(timeout)
                        .apiCallTimeout(timeout.multipliedBy(attempts).plus(attempts > 1 ? PAUSES : Duration.ZERO))
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(attempts)
                                .build()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        settings.region().map(Region::of).ifPresent(builder::region);
        return builder.build();
    }

    /**
     * Asks whether the bucket is there and we may see it, once and soon.
     *
     * @throws IOException saying why not, and what to do
     */
    void check(InS3 address) throws IOException {
        try {
            try {
                once().headBucket(request -> request.bucket(address.bucket()));
            } catch (SdkServiceException e) {
                // An answer to HEAD has no body that would say why.
                once().listObjectsV2(request -> request.bucket(address.bucket())
                        .prefix(address.prefix())
                        .maxKeys(1));
            }
        } catch (SdkException e) {
            throw S3Failure.of(e, address, settings);
        }
    }
}
