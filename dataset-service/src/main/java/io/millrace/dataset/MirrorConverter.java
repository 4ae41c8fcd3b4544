// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import java.net.URI;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads the base address of a mirror; only what can be downloaded from is one. */
public final class MirrorConverter implements Converter<URI> {
    @Override
    public URI convert(String value) {
        URI mirror = URI.create(value.trim());
        if (mirror.getHost() == null || !("http".equals(mirror.getScheme()) || "https".equals(mirror.getScheme()))) {
            throw new IllegalArgumentException("the mirror \"" + value
                    + "\" will not do; it must be an address with http:// or https:// and a host");
        }
        return mirror;
    }
}
