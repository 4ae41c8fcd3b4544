// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

/** The number format that has float32's exponent and 8 bits of its significand. Stateless. */
final class Bfloat16 {
    private static final int SHIFT = 16;
    private static final int HALF = 0x7fff;
    private static final int QUIET_NAN = 0x7fc0;

    private Bfloat16() {}

    /** The nearest one, of two equally near ones the even one, as torch rounds; NaN stays NaN. */
    static short of(float value) {
        if (Float.isNaN(value)) {
            return QUIET_NAN;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + HALF + (bits >>> SHIFT & 1)) >>> SHIFT);
    }

    /** The same number, exactly. */
    static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << SHIFT);
    }
}
