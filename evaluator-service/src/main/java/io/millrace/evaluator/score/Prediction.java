// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

/**
 * What a network says about one labelled sample.
 *
 * @param label the true class
 * @param predicted the class with the largest logit; the first one among equals
 * @param confidence the probability of {@code predicted}, 0 to 1
 * @param loss cross entropy in nats: minus the logarithm of the label's probability
 */
public record Prediction(int label, int predicted, double confidence, double loss) {
    /**
     * From the logits of one sample. The softmax is taken in double precision, shifted by the largest logit, so that no
     * finite logit overflows.
     *
     * @param label the true class, an index into the logits
     * @param logits {@code [K]}
     * @throws UnusableNetworkException when a logit is not finite
     */
    public static Prediction of(int label, float[] logits) throws UnusableNetworkException {
        int predicted = 0;
        for (int k = 0; k < logits.length; k++) {
            if (!Float.isFinite(logits[k])) {
                throw new UnusableNetworkException("the network answers with the logit " + logits[k]);
            }
            predicted = logits[k] > logits[predicted] ? k : predicted;
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - logits[predicted]);
        }
        double loss = Math.log(sum) - ((double) logits[label] - logits[predicted]);
        return new Prediction(label, predicted, 1 / sum, loss);
    }

    /** As {@link #of(int, float[])}, of logits that are divided by a temperature first. */
    public static Prediction of(int label, float[] logits, double temperature) throws UnusableNetworkException {
        float[] divided = new float[logits.length];
        for (int k = 0; k < divided.length; k++) {
            divided[k] = (float) (logits[k] / temperature);
        }
        return of(label, divided);
    }

    /** Whether the prediction is the label. */
    public boolean correct() {
        return predicted == label;
    }
}
