// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.local.Refusal;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a value is drawn from; of one number, that number. Immutable.
 *
 * @param low the least
 * @param high the largest
 */
public record Range(double low, double high) {
    private static final String NUMBER = "([0-9]*\\.?[0-9]+(?:[eE]-?[0-9]+)?)";
    private static final Pattern FORM = Pattern.compile(NUMBER + "(?::" + NUMBER + ")?");
    /** Whoever reads a recipe is to see its values, and not their noise. */
    private static final MathContext DIGITS = new MathContext(3);

    /**
     * From {@code LOW:HIGH}, or one number.
     *
     * @param option whose value it is
     * @throws Refusal naming option, value and remedy
     */
    public static Range of(String option, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw refused(option, text, "LOW:HIGH, such as 0.003:0.3, or one number");
        }
        double low = Double.parseDouble(form.group(1));
        double high = form.group(2) == null ? low : Double.parseDouble(form.group(2));
        if (low > high) {
            throw refused(
                    option,
                    text,
                    "a range from the least to the largest value: " + form.group(2) + ":" + form.group(1));
        }
        if (!Double.isFinite(high)) {
            throw refused(option, text, "of numbers that can be computed with, up to " + Double.MAX_VALUE);
        }
        return new Range(low, high);
    }

    /**
     * This one, none of whose values is larger.
     *
     * @throws Refusal naming option, value and remedy
     */
    public Range atMost(String option, double most) {
        if (high > most) {
            throw refused(option, this, "of numbers from 0 to " + most);
        }
        return this;
    }

    /**
     * This one, for values that are drawn by their logarithm.
     *
     * @throws Refusal naming option, value and remedy
     */
    public Range positive(String option) {
        if (low <= 0 && low < high) {
            throw refused(option, this, "of numbers above 0: the values are drawn by their logarithm");
        }
        if (low < high && !Double.isFinite(high / low)) {
            throw refused(option, this, "narrower: the largest divided by the least is no number");
        }
        return this;
    }

    private static Refusal refused(String option, Object value, String remedy) {
        return new Refusal(option + " " + value + " will not do; it must be " + remedy);
    }

    /** Log-uniform: each power of ten alike; rounded to three digits. */
    double logarithmic(double part) {
        return low == high ? low : rounded(low * Math.pow(high / low, part));
    }

    /** Uniform; rounded to three digits. */
    double linear(double part) {
        return low == high ? low : rounded(low + (high - low) * part);
    }

    private double rounded(double value) {
        double near = new BigDecimal(value).round(DIGITS).doubleValue();
        return Math.max(low, Math.min(high, near));
    }

    @Override
    public String toString() {
        return low == high ? Double.toString(low) : low + ":" + high;
    }
}
