// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Who may ask. */
@ConfigMapping(prefix = "millrace.auth")
public interface AuthConfig {
    /** Tokens, a line each, or parted by {@code ;}, as {@link Token} has them. */
    Optional<String> tokens();

    /** A file with tokens; those of {@link #tokens} hold beside them. */
    Optional<Path> tokensFile();

    /** Whether a service without tokens may listen beyond this machine, where whoever reaches it may do everything. */
    @WithDefault("false")
    boolean allowAnyone();
}
