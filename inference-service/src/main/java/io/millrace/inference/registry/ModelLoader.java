// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import java.io.IOException;

/** Makes a promoted checkpoint ready to serve: read, verified, built, warmed up. */
public interface ModelLoader {
    /** Does ahead what every load needs. */
    default void prepare() {}

    /**
     * Loads beside whatever is served.
     *
     * @throws IOException when the file is not there or not whole: a shared volume may show it late, so another
     *     attempt is worth it
     * @throws UnusableModelException when it is whole but no network can be made of it: another attempt would not help
     */
    ServedModel load(Candidate candidate) throws IOException, UnusableModelException;
}
