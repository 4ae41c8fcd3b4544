// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

/**
 * Random numbers that depend on a key alone, such as (seed, epoch, sample): any part of a run can be made again without
 * what came before it. SplitMix64 (Steele, Lea, Flood 2014), written out so that no JDK can change it. Not thread-safe;
 * make one per key.
 */
public final class KeyedRandom {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    private KeyedRandom(long state) {
        this.state = state;
    }

    /**
     * The numbers of a key.
     *
     * @param purpose keeps apart what shares a key, such as shuffling and augmentation
     * @param key the parts of the key; their order matters
     */
    public static KeyedRandom of(String purpose, long... key) {
        long state = mix(purpose.hashCode() + GAMMA);
        for (long part : key) {
            state = mix(state + GAMMA ^ mix(part));
        }
        return new KeyedRandom(state);
    }

    /** Any long, each as likely. */
    public long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /** 0 to bound - 1, each as likely. */
    public int nextInt(int bound) {
        long range = Integer.toUnsignedLong(-bound) % bound;
        long low;
        long product;
        do {
            product = (nextLong() >>> 32) * bound;
            low = product & 0xffffffffL;
        } while (low < range);
        return (int) (product >>> 32);
    }

    /** 0 inclusive to 1 exclusive. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** Low inclusive to high exclusive. */
    public double between(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    /** About normal with mean 0 and standard deviation 1: the sum of four uniforms, so within ±3.5. */
    public double gaussian() {
        double sum = nextDouble() + nextDouble() + nextDouble() + nextDouble();
        return (sum - 2) * 1.7320508075688772;
    }

    private static long mix(long z) {
        long mixed = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
