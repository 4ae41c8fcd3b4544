// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Parameters that are trained in a way of their own.
 *
 * @param pattern of their names, in which {@code *} stands for anything: {@code layer4.*}
 * @param rateFactor times the learning rate of the step
 * @param weightDecay null: as for the others
 * @param frozen whether they stay as they are
 */
public record Group(String pattern, double rateFactor, Double weightDecay, boolean frozen) {
    private boolean matches(String name) {
        String expression = "\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E";
        return Pattern.matches(expression, name);
    }

    /**
     * What holds for each parameter; the first group that it matches counts.
     *
     * @param names of parameters
     * @param vectors those among them that are no kernels or matrices: of BatchNorm, and biases
     * @param weightDecay of parameters whose group says nothing else
     * @param decayVectors whether it holds for vectors, too
     * @throws IllegalArgumentException when a group matches nothing, or everything is frozen
     */
    public static Map<String, Settings> settings(
            List<String> names, List<String> vectors, List<Group> groups, double weightDecay, boolean decayVectors) {
        List<Group> unused = new ArrayList<>(groups);
        Map<String, Settings> settings = new LinkedHashMap<>();
        for (String name : names) {
            double decay = decayVectors || !vectors.contains(name) ? weightDecay : 0;
            Settings chosen = new Settings(1, decay, false);
            for (Group group : groups) {
                if (group.matches(name)) {
                    unused.remove(group);
                    double own = group.weightDecay() == null ? decay : group.weightDecay();
                    chosen = new Settings(group.rateFactor(), own, group.frozen());
                    break;
                }
            }
            settings.put(name, chosen);
        }
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException(
                    "no parameter is left for the group \"" + unused.get(0).pattern() + "\"; the first names are "
                            + names.subList(0, Math.min(5, names.size())));
        }
        if (settings.values().stream().allMatch(Settings::frozen)) {
            throw new IllegalArgumentException("all parameters are frozen, there is nothing to train");
        }
        return settings;
    }
}
