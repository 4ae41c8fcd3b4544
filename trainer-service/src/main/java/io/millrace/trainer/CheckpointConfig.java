// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Where checkpoints lie; the same key in every service that reads or writes them. */
@ConfigMapping(prefix = "millrace.checkpoints")
public interface CheckpointConfig {
    /** The directory of the store. */
    @WithDefault("checkpoints")
    Path dir();
}
