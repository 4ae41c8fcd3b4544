// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.image.ImageFitter;
import io.millrace.model.Classifier;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
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

    CheckpointModelLoader(CheckpointStore store) {
        this.store = store;
    }

    /** The native libraries take seconds to load; the first checkpoint takes longer to come. */
    @Override
    public void prepare() {
        Log.infof("Engine: %s", Torch.description());
    }

    @Override
    public ServedModel load(Candidate candidate) throws IOException, UnusableModelException {
        try {
            Checkpoint checkpoint = store.read(candidate.checkpoint());
            return served(candidate, checkpoint.metadata(), warm(checkpoint));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | LinkageError e) {
            throw new UnusableModelException(
                    "no network can be made of checkpoint "
                            + candidate.checkpoint().checkpointId(),
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

    private static ServedModel served(Candidate candidate, CheckpointMetadata about, BatchClassifier classifier) {
        try {
            return new ServedModel(card(candidate, about), classifier);
        } catch (RuntimeException e) {
            classifier.close();
            throw e;
        }
    }

    private static ModelCard card(Candidate candidate, CheckpointMetadata about) {
        return new ModelCard(
                candidate.model(),
                candidate.checkpoint(),
                candidate.accuracy(),
                Instant.now(),
                about.classes(),
                new ImageFitter(about.network().inputChannels(), about.height(), about.width()));
    }
}
