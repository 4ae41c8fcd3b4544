// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Recipe;
import io.millrace.model.ScriptModule.Call;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The mean loss of a batch as TorchScript, and what it takes beside images and labels. Without soft labels and weights it is
 * torch's {@code cross_entropy(label_smoothing=)} of the labels; with soft labels the same of class probabilities; with weights,
 * which are those of images, {@code sum(w loss) / sum(w)}, which is {@code CrossEntropyLoss(weight=)} where an image's weight is
 * that of its class and labels are not smoothed.
 *
 * @param soft whether the recipe mixes images
 * @param weighted whether its classes have weights
 * @param smoothing of labels
 */
record BatchLoss(boolean soft, boolean weighted, double smoothing) {
    private static final int EACH = 0;
    private static final int MEAN = 1;

    static BatchLoss of(Recipe recipe) {
        return new BatchLoss(recipe.augmentation().mixes(), recipe.classWeights() != null, recipe.labelSmoothing());
    }

    /** Arguments behind the labels, as a method declares them. */
    String declared() {
        return (soft ? "    soft_labels: Tensor,\n" : "") + (weighted ? "    sample_weights: Tensor,\n" : "");
    }

    /** The same, as a method is called with them. */
    String passed() {
        return (soft ? "soft_labels, " : "") + (weighted ? "sample_weights, " : "");
    }

    /** Statements that make the scalar {@code loss} of {@code logits} and of {@code y}, the labels. */
    String statements() {
        return weighted
                ? "    each_loss = " + crossEntropy(EACH)
                        + "    loss = torch.div(torch.sum(torch.mul(each_loss, sample_weights)),"
                        + " torch.sum(sample_weights))\n"
                : "    loss = " + crossEntropy(MEAN);
    }

    private String crossEntropy(int reduction) {
        return String.format(
                Locale.ROOT,
                "torch.cross_entropy_loss(logits, %s, None, %d, -100, %s)\n",
                soft ? "soft_labels" : "y",
                reduction,
                smoothing);
    }

    /** Adds the arguments to a call, behind the labels. */
    Call add(Call call, List<ImageBatch> batches) {
        int size = batches.stream().mapToInt(ImageBatch::size).sum();
        if (soft) {
            List<float[]> values = batches.stream().map(ImageBatch::softLabels).toList();
            call.floats(floats(values), size, batches.get(0).softClasses());
        }
        if (weighted) {
            call.floats(floats(batches.stream().map(ImageBatch::weights).toList()), size);
        }
        return call;
    }

    private static ByteBuffer floats(List<float[]> values) {
        ByteBuffer all = ScriptModule.direct(
                Float.BYTES * values.stream().mapToInt(part -> part.length).sum());
        for (float[] part : values) {
            for (float value : part) {
                all.putFloat(value);
            }
        }
        return all.flip();
    }

    /**
     * Refuses batches that lack what the loss takes, or have what it passes over.
     *
     * @param classes of the network
     * @throws IllegalArgumentException naming the batch
     */
    void requireFit(List<ImageBatch> batches, int classes) {
        for (ImageBatch batch : batches) {
            int expected = soft ? classes : 0;
            if (batch.softClasses() != expected) {
                throw new IllegalArgumentException("batch " + batch.id() + " has soft labels of " + batch.softClasses()
                        + " classes, the recipe asks for " + (soft ? classes : "none"));
            }
            if ((batch.weights() != null) != weighted) {
                throw new IllegalArgumentException("batch " + batch.id() + " has "
                        + (weighted ? "no weights, the recipe asks for some" : "weights, the recipe asks for none"));
            }
        }
    }

    /** Soft labels of images that show each class alike, {@code [N,K]}; null where there are none. */
    float[] even(int size, int classes) {
        return soft ? filled(size * classes, 1f / classes) : null;
    }

    /** Weights of images that count the same, {@code [N]}; null where there are none. */
    float[] equal(int size) {
        return weighted ? filled(size, 1) : null;
    }

    private static float[] filled(int length, float value) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        return values;
    }
}
