// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.local.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Successive halving (<a href="https://proceedings.mlr.press/v51/jamieson16.html">Jamieson &amp; Talwalkar 2016</a>; one
 * bracket of <a href="https://jmlr.org/papers/v18/16-558.html">Hyperband</a>, Li et al. 2018): all trials are trained for a
 * few epochs, the best part of them for more, and so on. Who goes on is a function of figures and of nothing else, neither of
 * time nor of who was there first. Immutable.
 *
 * @param rungs at least two, of fewer and fewer trials (the last two may have one each) and of more and more epochs
 */
public record Halving(List<Rung> rungs) {
    /**
     * Where trials are compared.
     *
     * @param trials how many come so far
     * @param epochs so many are trained when they are compared, those of the rungs before among them
     */
    public record Rung(int trials, int epochs) {}

    /**
     * Where a search is.
     *
     * @param rung index of the rung that is being trained for, or of the last one
     * @param trials indices of those that are to reach it, or, where it is decided, the best first and failed ones last
     * @param decided whether there is nothing left to train
     */
    public record Standing(int rung, List<Integer> trials, boolean decided) {}

    private static final int MOST = 1_000;

    public Halving {
        rungs = List.copyOf(rungs);
    }

    /**
     * A search whose last rung is that of the whole run: rung {@code k} of {@code K} has {@code trials / eta^k} trials and
     * {@code epochs / eta^(K-1-k)} epochs, both rounded down.
     *
     * @param trials at least 2, at most 1,000
     * @param epochs of a whole run
     * @param eta of how many one goes on, at least 2
     * @param wanted number of rungs, at least 2; null: as many as trials and epochs allow
     * @throws Refusal naming the option that will not do
     */
    public static Halving of(int trials, int epochs, int eta, Integer wanted) {
        require(trials >= 2, "--trials " + trials, "at least 2: fewer cannot be compared");
        require(
                trials <= MOST,
                "--trials " + trials,
                "at most " + MOST + ": each is a run of its own. Search again in the part of the range that did best");
        require(eta >= 2, "--eta " + eta, "at least 2: one of so many goes on");
        require(
                trials >= eta,
                "--trials " + trials,
                "at least --eta, which is " + eta + ": one of so many goes on to the next rung");
        require(
                epochs >= eta,
                "--epochs " + epochs,
                "at least --eta, which is " + eta + ": the last rung has so many times the epochs of the one before");
        int most = 1 + Math.min(powers(trials, eta), powers(epochs, eta));
        require(
                wanted == null || wanted >= 2 && wanted <= most,
                "--rungs " + wanted,
                "a whole number from 2 to " + most + ": with --trials " + trials + ", --epochs " + epochs
                        + " and --eta " + eta + " another rung would have no trial or no epoch");
        int count = wanted == null ? most : wanted;
        List<Rung> rungs = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            rungs.add(new Rung(trials / power(eta, k), epochs / power(eta, count - 1 - k)));
        }
        return new Halving(rungs);
    }

    private static void require(boolean holds, String what, String remedy) {
        if (!holds) {
            throw new Refusal(what + " will not do; it must be " + remedy);
        }
    }

    /** How often a number can be divided before nothing is left. */
    private static int powers(int number, int eta) {
        int powers = 0;
        for (int left = number / eta; left > 0; left /= eta) {
            powers++;
        }
        return powers;
    }

    private static int power(int base, int exponent) {
        return exponent == 0 ? 1 : base * power(base, exponent - 1);
    }

    /** What the search trains, in epochs of one trial: those of a trial that goes on are counted once. */
    public long epochs() {
        long epochs = 0;
        int before = 0;
        for (Rung rung : rungs) {
            epochs += (long) rung.trials() * (rung.epochs() - before);
            before = rung.epochs();
        }
        return epochs;
    }

    /** Where a search is whose trials have come so far. */
    public Standing standing(List<Course> courses) {
        List<Integer> there = IntStream.range(0, courses.size()).boxed().toList();
        for (int rung = 0; ; rung++) {
            int at = rung;
            if (!there.stream().allMatch(trial -> courses.get(trial).isOver(at))) {
                return new Standing(rung, there, false);
            }
            List<Integer> ranked = there.stream().sorted(best(courses, rung)).toList();
            List<Integer> reached =
                    ranked.stream().filter(trial -> courses.get(trial).has(at)).toList();
            if (rung + 1 == rungs.size() || reached.isEmpty()) {
                return new Standing(rung, ranked, true);
            }
            there = reached.subList(0, Math.min(rungs.get(rung + 1).trials(), reached.size())).stream()
                    .sorted()
                    .toList();
        }
    }

    /** By accuracy, then by loss, then by which was drawn first; those that failed come last. */
    private static Comparator<Integer> best(List<Course> courses, int rung) {
        return Comparator.<Integer, Boolean>comparing(
                        trial -> !courses.get(trial).has(rung))
                .thenComparing(trial -> courses.get(trial).accuracy(rung), Comparator.reverseOrder())
                .thenComparing(trial -> courses.get(trial).loss(rung))
                .thenComparing(Comparator.naturalOrder());
    }
}
