// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import io.quarkus.vertx.http.runtime.cors.CORSConfig;
import io.quarkus.vertx.http.runtime.cors.CORSFilter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The pages whose requests may change something: those of the service itself, and those that CORS lets in. CORS alone would
 * not do: it hides the answer of a simple request from the page, after the request was carried out. Immutable.
 */
final class KnownOrigins {
    private static final Map<String, Integer> DEFAULT_PORTS = Map.of("http", 80, "https", 443);

    private final List<String> names;
    private final List<Pattern> patterns;

    /** Those of Quarkus' setting, while it is on. */
    KnownOrigins(CORSConfig cors) {
        this(cors.enabled() ? cors.origins().orElse(List.of()) : List.of());
    }

    /** @param origins as {@code quarkus.http.cors.origins} has them: {@code https://host}, {@code /regular expression/}, {@code *} */
    KnownOrigins(List<String> origins) {
        this.names = origins;
        this.patterns = CORSFilter.parseAllowedOriginsRegex(Optional.of(origins));
    }

    /**
     * Whether a page may.
     *
     * @param origin the header {@code Origin}
     * @param host the header {@code Host}: a page of the service was fetched from there, too
     */
    boolean allows(String origin, String host) {
        return names.contains("*")
                || names.contains(origin)
                || CORSFilter.isOriginAllowedByRegex(patterns, origin)
                || isOf(origin, host);
    }

    /** A proxy may have ended TLS on the way, so the scheme counts only for the port that it stands for. */
    private static boolean isOf(String origin, String host) {
        try {
            URI page = new URI(origin);
            Integer port = page.getScheme() == null ? null : DEFAULT_PORTS.get(page.getScheme());
            return port != null
                    && page.getRawPath().isEmpty()
                    && authority(page, port).equals(authority(new URI(page.getScheme() + "://" + host), port));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String authority(URI uri, int port) {
        return (uri.getHost() + ":" + (uri.getPort() < 0 ? port : uri.getPort())).toLowerCase(Locale.ROOT);
    }
}
