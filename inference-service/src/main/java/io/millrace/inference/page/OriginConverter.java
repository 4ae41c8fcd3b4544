// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import java.net.URI;
import java.util.Set;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads the address of a service: scheme, host and perhaps a port, since paths are the page's. */
public final class OriginConverter implements Converter<URI> {
    private static final long serialVersionUID = 1L;
    private static final Set<String> PATHS = Set.of("", "/");

    @Override
    public URI convert(String value) {
        URI address = LinkConverter.read(value);
        if (!PATHS.contains(address.getPath()) || address.getQuery() != null || address.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" has more than a host and a port; it must be an address such as"
                            + " http://dataset-service:8081");
        }
        return address;
    }
}
