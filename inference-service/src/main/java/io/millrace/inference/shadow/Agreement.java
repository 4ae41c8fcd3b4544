// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.shadow;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often a version and its shadow said the same of an image, class by class. Not thread-safe. */
final class Agreement {
    private final String version;
    private final String shadow;
    private final Map<String, Map<String, Long>> images = new TreeMap<>();

    /**
     * Of no images.
     *
     * @param version what is answered with
     * @param shadow what is asked beside it
     */
    Agreement(String version, String shadow) {
        this.version = version;
        this.shadow = shadow;
    }

    /**
     * How often a class was answered.
     *
     * @param label the class
     * @param images of which it was answered
     * @param flipped of these, how many the shadow named otherwise
     */
    public record Answered(String label, long images, long flipped) {}

    /**
     * What became what.
     *
     * @param label the class that was answered
     * @param shadow the class that the shadow named
     * @param images how many
     */
    public record Flip(String label, String shadow, long images) {}

    boolean isOf(String live, String beside) {
        return version.equals(live) && shadow.equals(beside);
    }

    /** One image. */
    void add(String answered, String named) {
        images.computeIfAbsent(answered, label -> new LinkedHashMap<>()).merge(named, 1L, Long::sum);
    }

    /** The classes that were answered, by their names. */
    List<Answered> classes() {
        return images.entrySet().stream()
                .map(each -> {
                    long all = each.getValue().values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
                    return new Answered(
                            each.getKey(), all, all - each.getValue().getOrDefault(each.getKey(), 0L));
                })
                .toList();
    }

    /** What became what, the most frequent first. */
    List<Flip> flips(int most) {
        return images.entrySet().stream()
                .flatMap(each -> each.getValue().entrySet().stream()
                        .filter(named -> !named.getKey().equals(each.getKey()))
                        .map(named -> new Flip(each.getKey(), named.getKey(), named.getValue())))
                .sorted(Comparator.comparingLong(Flip::images).reversed())
                .limit(most)
                .toList();
    }
}
