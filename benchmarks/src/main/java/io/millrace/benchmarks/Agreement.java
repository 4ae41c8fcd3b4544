// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.model.Predictions;
import io.millrace.model.Scorer;
import io.millrace.model.ScoringEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * What both engines say of MNIST's test split.
 *
 * @param images of it
 * @param onnx right by ONNX Runtime
 * @param torch right by TorchScript
 * @param different predicted otherwise by one than by the other
 * @param farthest largest difference of two logits
 * @param seconds that ONNX Runtime took, in batches as the evaluator has them
 */
record Agreement(int images, int onnx, int torch, int different, double farthest, double seconds) {
    private static final int BATCH = 128;
    private static final int SIDE = 28;
    private static final int IMAGES_HEADER = 16;
    private static final int LABELS_HEADER = 8;

    static Agreement of(Path folder, int steps) throws IOException {
        List<ImageBatch> test = read(folder, "t10k", Split.TEST);
        List<Tensor> weights = trained(read(folder, "train", Split.TRAIN), steps);
        List<Predictions> onnx = new ArrayList<>();
        long begin = System.nanoTime();
        try (Scorer scorer = scorer(ScoringEngine.ONNX_RUNTIME, weights)) {
            test.forEach(batch -> onnx.add(scorer.score(batch)));
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        List<Predictions> torch = new ArrayList<>();
        try (Scorer scorer = scorer(ScoringEngine.PYTORCH, weights)) {
            test.forEach(batch -> torch.add(scorer.score(batch)));
        }
        return compared(test, onnx, torch, seconds);
    }

    private static Scorer scorer(ScoringEngine engine, List<Tensor> weights) {
        return Scorer.of(engine, Workload.NETWORK, Workload.NORMALIZATION, SIDE, SIDE, weights);
    }

    private static List<Tensor> trained(List<ImageBatch> train, int steps) {
        try (Learner learner = Workload.learner(Precision.FP32, true)) {
            for (int step = 0; step < steps; step++) {
                learner.step(List.of(train.get(step % (train.size() - 1))), Workload.LEARNING_RATE);
            }
            return learner.weights();
        }
    }

    private static Agreement compared(
            List<ImageBatch> test, List<Predictions> onnx, List<Predictions> torch, double seconds) {
        int images = 0;
        int onnxRight = 0;
        int torchRight = 0;
        int different = 0;
        double farthest = 0;
        for (int k = 0; k < test.size(); k++) {
            int[] labels = test.get(k).labels();
            images += labels.length;
            for (int n = 0; n < labels.length; n++) {
                int one = onnx.get(k).predicted(n);
                int other = torch.get(k).predicted(n);
                onnxRight += one == labels[n] ? 1 : 0;
                torchRight += other == labels[n] ? 1 : 0;
                different += one == other ? 0 : 1;
                float[] left = onnx.get(k).logits(n);
                float[] right = torch.get(k).logits(n);
                for (int c = 0; c < left.length; c++) {
                    farthest = Math.max(farthest, Math.abs(left[c] - right[c]));
                }
            }
        }
        return new Agreement(images, onnxRight, torchRight, different, farthest, seconds);
    }

    private static List<ImageBatch> read(Path folder, String split, Split of) throws IOException {
        byte[] pixels = unpacked(folder.resolve(split + "-images-idx3-ubyte.gz"), IMAGES_HEADER);
        byte[] labels = unpacked(folder.resolve(split + "-labels-idx1-ubyte.gz"), LABELS_HEADER);
        List<ImageBatch> batches = new ArrayList<>();
        for (int from = 0; from < labels.length; from += BATCH) {
            int to = Math.min(from + BATCH, labels.length);
            int[] answers = new int[to - from];
            for (int k = 0; k < answers.length; k++) {
                answers[k] = labels[from + k];
            }
            ByteBuffer images = ByteBuffer.wrap(Arrays.copyOfRange(pixels, from * SIDE * SIDE, to * SIDE * SIDE));
            batches.add(new ImageBatch(
                    new BatchId("benchmark", of, 0, batches.size(), 0),
                    labels.length / BATCH + 1,
                    ImageBatch.Encoding.UINT8,
                    Workload.NORMALIZATION,
                    answers.length,
                    1,
                    SIDE,
                    SIDE,
                    images,
                    answers,
                    ""));
        }
        return batches;
    }

    private static byte[] unpacked(Path file, int header) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            in.skipNBytes(header);
            return in.readAllBytes();
        }
    }

    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "MNIST's test split, %d images: %d right by ONNX Runtime, %d by TorchScript, %d told apart otherwise,"
                        + " logits at most %.1e apart; scored by ONNX Runtime in %.2f s%n",
                images,
                onnx,
                torch,
                different,
                farthest,
                seconds);
    }
}
