// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Fitting;
import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Models without a network: what happens around it is what is tested. */
public final class FakeModels {
    static final Instant LOADED_AT = Instant.parse("2026-01-02T03:04:05Z");

    private FakeModels() {}

    /** Counts how often it was closed. */
    public static final class Fake implements BatchClassifier {
        private final Function<List<byte[]>, float[][]> network;
        private final AtomicInteger closed = new AtomicInteger();

        private Fake(Function<List<byte[]>, float[][]> network) {
            this.network = network;
        }

        @Override
        public Predictions predict(List<byte[]> images) {
            if (closed.get() > 0) {
                throw new IllegalStateException("a closed network was called");
            }
            float[][] probabilities = network.apply(images);
            int classes = probabilities[0].length;
            float[] logits = new float[probabilities.length * classes];
            for (int k = 0; k < logits.length; k++) {
                logits[k] = (float) Math.log(probabilities[k / classes][k % classes]);
            }
            return new Predictions(logits, classes);
        }

        /** The first pixel speaks for whatever is asked for. */
        @Override
        public Heat explain(byte[] image, int label) {
            float[] values = new float[28 * 28];
            values[0] = 1;
            values[29] = 0.25f;
            return new Heat(28, 28, values);
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }

        public int closed() {
            return closed.get();
        }
    }

    public static Fake network(Function<List<byte[]>, float[][]> network) {
        return new Fake(network);
    }

    /** Ten classes; says the class whose number is the image's first value. */
    public static Fake firstPixel() {
        return network(images -> images.stream().map(FakeModels::sure).toArray(float[][]::new));
    }

    private static float[] sure(byte[] image) {
        float[] probabilities = new float[10];
        probabilities[(image[0] & 0xff) % 10] = 1;
        return probabilities;
    }

    /** A model of ten digits, 28 x 28 grey. */
    public static ServedModel served(String version, BatchClassifier network) {
        return new ServedModel(card(version), network);
    }

    /** As {@link #served}, of digits as they are written. */
    public static ServedModel ink(String version, BatchClassifier network) {
        ModelCard photo = card(version);
        return new ServedModel(
                new ModelCard(
                        photo.name(),
                        photo.checkpoint(),
                        photo.accuracy(),
                        photo.calibration(),
                        photo.loadedAt(),
                        photo.classes(),
                        Fitting.of(InputConvention.INK, photo.input().shape())),
                network);
    }

    static ServedModel served(CheckpointRef checkpoint, BatchClassifier network) {
        return new ServedModel(card(checkpoint), network);
    }

    public static ModelCard card(String version) {
        return card(new CheckpointRef(version, "run-1", "run-1/" + version, "00", 1));
    }

    private static ModelCard card(CheckpointRef checkpoint) {
        List<String> digits = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
        return new ModelCard(
                "mnist",
                checkpoint,
                0.99,
                Optional.empty(),
                LOADED_AT,
                digits,
                Fitting.of(InputConvention.PHOTO, new ImageShape(1, 28, 28)));
    }
}
