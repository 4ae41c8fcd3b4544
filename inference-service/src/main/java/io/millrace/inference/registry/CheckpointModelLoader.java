// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Fitting;
import io.millrace.inference.InferenceConfig;
import io.millrace.model.Malloc;
import io.millrace.model.ScoringEngine;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

/** Loads checkpoints, whose source checks size and digest; the network is rebuilt from its name. */
@Singleton
final class CheckpointModelLoader implements ModelLoader {
    private final CheckpointSource source;
    private final InferenceConfig config;
    private final AtomicBoolean first = new AtomicBoolean(true);

    CheckpointModelLoader(CheckpointSource source, InferenceConfig config) {
        this.source = source;
        this.config = config;
    }

    /** The native libraries take seconds to load; the first checkpoint takes longer to come. */
    @Override
    public void prepare() {
        config.threads().ifPresent(threads -> System.setProperty(Torch.THREADS_PROPERTY, Integer.toString(threads)));
        Log.infof("Engine: %s", ScoringEngine.here().description());
    }

    @Override
    public ServedModel load(Candidate candidate) throws IOException, UnusableModelException {
        try {
            ServedModel model = loaded(candidate);
            if (first.getAndSet(false)) {
                // What was read to make it is several times its weights, and no request waits for this one yet.
                Malloc.giveBack();
            }
            return model;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | LinkageError e) {
            throw new UnusableModelException(
                    "no network can be made of checkpoint "
                            + candidate.checkpoint().checkpointId(),
                    e);
        }
    }

    private ServedModel loaded(Candidate candidate) throws IOException, UnusableModelException {
        Checkpoint checkpoint = source.read(candidate.checkpoint());
        return served(
                candidate,
                checkpoint.metadata(),
                ServedNetwork.warm(source, candidate.checkpoint(), checkpoint, config.workers(), config.maxBatch()));
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
                candidate.calibration(),
                Instant.now(),
                about.classes(),
                Fitting.of(
                        about.input(), new ImageShape(about.network().inputChannels(), about.height(), about.width())));
    }
}
