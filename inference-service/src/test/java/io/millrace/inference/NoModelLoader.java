// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.inference.registry.Candidate;
import io.millrace.inference.registry.ModelLoader;
import io.millrace.inference.registry.ServedModel;
import io.quarkus.test.Mock;
import jakarta.inject.Singleton;
import java.io.IOException;

/** Keeps the native libraries out of tests that run inside Quarkus; they put models into the registry themselves. */
@Mock
@Singleton
class NoModelLoader implements ModelLoader {
    @Override
    public ServedModel load(Candidate candidate) throws IOException {
        throw new IOException("this test loads no checkpoint");
    }
}
