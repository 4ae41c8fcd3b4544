// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import java.nio.file.Path;

/** A checkpoint store in a directory: a local one, or a volume that the services share. */
public final class DirectoryCheckpointStore extends ObjectCheckpointStore {
    /** @param root need not exist yet */
    public DirectoryCheckpointStore(Path root) {
        super(new Directory(root));
    }
}
