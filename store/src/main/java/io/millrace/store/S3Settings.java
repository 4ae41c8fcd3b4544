// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/**
 * How S3 is reached, checked.
 *
 * @param endpoint of a server other than AWS's
 * @param region of the bucket; empty: as the SDK finds
 * @param pathStyle whether the bucket stands in the path
 * @param requestTimeout of one attempt
 */
record S3Settings(Optional<URI> endpoint, Optional<String> region, boolean pathStyle, Duration requestTimeout) {
    private static final String KEY = "millrace.checkpoints.s3.";

    /** @throws IllegalArgumentException naming key and value of what makes no sense */
    static S3Settings of(StoreConfig.S3 config) {
        Optional<URI> endpoint = config.endpoint().map(S3Settings::endpoint);
        config.region()
                .filter(name -> !name.matches("[a-z0-9-]+"))
                .ifPresent(name -> refuse("region", name, "it must be a region's name, such as eu-central-1"));
        if (config.requestTimeout().toMillis() < 1) {
            refuse("request-timeout", config.requestTimeout().toString(), "it must be positive");
        }
        return new S3Settings(
                endpoint,
                config.region().or(() -> S3Settings.regionAt(endpoint)),
                config.pathStyle().orElse(endpoint.isPresent()),
                config.requestTimeout());
    }

    /** Servers other than AWS's have none, yet a signature names one. */
    private static Optional<String> regionAt(Optional<URI> endpoint) {
        boolean told = System.getenv("AWS_REGION") != null || System.getProperty("aws.region") != null;
        return endpoint.isPresent() && !told ? Optional.of("us-east-1") : Optional.empty();
    }

    private static URI endpoint(String text) {
        try {
            URI endpoint = new URI(text);
            if (endpoint.getHost() != null
                    && String.valueOf(endpoint.getScheme()).matches("https?")) {
                return endpoint;
            }
        } catch (URISyntaxException e) {
            // Refused as the others are.
        }
        throw refused("endpoint", text, "it must be https://host:port, or http:// where the network is one's own");
    }

    private static void refuse(String key, String value, String what) {
        throw refused(key, value, what);
    }

    private static IllegalArgumentException refused(String key, String value, String what) {
        return new IllegalArgumentException(KEY + key + " is \"" + value + "\"; " + what);
    }

    /** For messages. */
    String place() {
        return endpoint.map(URI::toString).orElse("AWS");
    }
}
