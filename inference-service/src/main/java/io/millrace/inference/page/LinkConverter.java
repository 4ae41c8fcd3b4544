// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import java.net.URI;
import java.util.Set;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads an address that a browser can open. */
public final class LinkConverter implements Converter<URI> {
    private static final long serialVersionUID = 1L;
    private static final Set<String> SCHEMES = Set.of("http", "https");

    @Override
    public URI convert(String value) {
        return read(value);
    }

    static URI read(String value) {
        try {
            URI address = URI.create(value.strip());
            if (address.getScheme() != null && SCHEMES.contains(address.getScheme()) && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Refused below, as one of another form.
        }
        throw new IllegalArgumentException(
                "\"" + value + "\" is no address; it must be one with http: or https: and a host");
    }
}
