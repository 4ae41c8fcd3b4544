// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.Converter;

/** Where checkpoints lie; the same for all services that read or write them. */
@ConfigMapping(prefix = "millrace.checkpoints")
public interface StoreConfig {
    /** The store. */
    @WithDefault("file:${user.dir}/checkpoints")
    @WithConverter(AddressConverter.class)
    StoreAddress uri();

    /** What {@link #uri} was before; refused, since a store elsewhere than where it was meant to be is worse than none. */
    Optional<String> dir();

    /** Reads an address; an interface would be taken for a group of settings. */
    final class AddressConverter implements Converter<StoreAddress> {
        @Override
        public StoreAddress convert(String value) {
            return StoreAddress.of(value);
        }
    }

    /** How to reach a store in S3. */
    S3 s3();

    /** Who it is asked as, the SDK of AWS finds out by itself: environment, profile, role of the pod or the machine. */
    interface S3 {
        /** {@code https://host:port} of a server other than AWS's. */
        Optional<String> endpoint();

        /** Region of the bucket; where unset, the one that the SDK finds, and {@code us-east-1} at an endpoint. */
        Optional<String> region();

        /** Whether the bucket stands in the path and not before the host; so at an endpoint, unless set. */
        Optional<Boolean> pathStyle();

        /** How long one attempt at one request may take, the largest object included. */
        @WithDefault("60s")
        Duration requestTimeout();
    }
}
