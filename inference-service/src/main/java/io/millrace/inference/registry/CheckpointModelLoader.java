// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.ModelPromoted;
import io.millrace.inference.CheckpointsConfig;
import io.millrace.inference.image.ImageFitter;
import io.millrace.model.Classifier;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/** Loads from the checkpoint store, which checks size and digest; the network is rebuilt from its name. */
@Singleton
final class CheckpointModelLoader implements ModelLoader {
    private final CheckpointStore store;

    CheckpointModelLoader(CheckpointsConfig configuration) {
        this.store = new DirectoryCheckpointStore(configuration.dir());
    }

    /** The native libraries take seconds to load; the first checkpoint takes longer to come. */
    @Override
    public void prepare() {
        Log.infof("Engine: %s", Torch.description());
    }

    @Override
    public ServedModel load(ModelPromoted promotion) throws IOException, UnusableModelException {
        try {
            Checkpoint checkpoint = store.read(promotion.checkpoint());
            BatchClassifier classifier = warm(checkpoint);
            return new ServedModel(card(promotion, checkpoint.metadata()), classifier);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | LinkageError e) {
            throw new UnusableModelException(
                    "no network can be made of checkpoint "
                            + promotion.checkpoint().checkpointId(),
                    e);
        }
    }

    private static BatchClassifier warm(Checkpoint checkpoint) {
        CheckpointMetadata about = checkpoint.metadata();
        Classifier classifier = Classifier.of(
                about.network(), about.normalization(), about.height(), about.width(), checkpoint.weights());
        try {
            classifier.warmUp(1, 2);
        } catch (RuntimeException e) {
            classifier.close();
            throw e;
        }
        return new BatchClassifier() {
            @Override
            public float[][] probabilities(List<byte[]> images) {
                return classifier.probabilities(images);
            }

            @Override
            public void close() {
                classifier.close();
            }
        };
    }

    private static ModelCard card(ModelPromoted promotion, CheckpointMetadata about) {
        return new ModelCard(
                promotion.model(),
                promotion.checkpoint().checkpointId(),
                promotion.checkpoint().runId(),
                promotion.evaluation().accuracy(),
                Instant.now(),
                about.classes(),
                new ImageFitter(about.network().inputChannels(), about.height(), about.width()));
    }
}
