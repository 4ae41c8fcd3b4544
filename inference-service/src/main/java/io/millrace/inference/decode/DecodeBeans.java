// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.LostThread;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What this feature is made of. */
final class DecodeBeans {
    @Produces
    @Singleton
    Decoders decoders(InferenceConfig configuration) {
        return new Decoders(Runtime.getRuntime().availableProcessors(), configuration.maxLarge(), new LostThread());
    }

    void close(@Disposes Decoders decoders) throws InterruptedException {
        decoders.close();
    }

    @Produces
    @Singleton
    PictureReader reader(InferenceConfig configuration) {
        return new PictureReader(new ReadLimits(ReadLimits.DEFAULT.bytes(), configuration.maxPixels()));
    }
}
