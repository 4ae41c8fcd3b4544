// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.http.BodyBudget;
import io.millrace.inference.InferenceConfig;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What this feature is made of. */
final class ClassifyBeans {
    @Produces
    @Singleton
    BodyBudget bodyBudget(InferenceConfig configuration) {
        return configuration
                .maxBodyMemory()
                .map(MemorySize::asLongValue)
                .map(BodyBudget::new)
                .orElseGet(BodyBudget::new);
    }
}
