// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Where checkpoints lie; trainer and inference know the place under the same key. */
@ConfigMapping(prefix = "millrace.checkpoints")
public interface CheckpointsConfig {
    /** The store's directory. */
    @WithDefault("checkpoints")
    Path dir();
}
