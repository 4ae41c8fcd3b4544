// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

/**
 * How much the images of each class count in the loss, so that all classes together count the same: scikit-learn's {@code
 * class_weight="balanced"}. Immutable.
 */
final class ClassWeights {
    private final float[] byClass;

    /**
     * N / (K n) for each class.
     *
     * @param labels of all images that are trained on, {@code [N]}
     * @param classes K
     */
    ClassWeights(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        byClass = new float[classes];
        for (int label = 0; label < classes; label++) {
            byClass[label] = counts[label] == 0 ? 0 : (float) ((double) labels.length / classes / counts[label]);
        }
    }

    /** Those of some images, {@code [N]}. */
    float[] of(int[] labels) {
        float[] weights = new float[labels.length];
        for (int k = 0; k < labels.length; k++) {
            weights[k] = byClass[labels[k]];
        }
        return weights;
    }

    /** Those of mixed images: of what each shows of each class. */
    float[] of(float[] softLabels) {
        float[] weights = new float[softLabels.length / byClass.length];
        for (int k = 0; k < softLabels.length; k++) {
            weights[k / byClass.length] += softLabels[k] * byClass[k % byClass.length];
        }
        return weights;
    }
}
