// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.ResidualLayout.Order;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks that Millrace knows by name. */
public final class NamedNetworks {
    private static final Map<String, ResidualLayout> LAYOUTS = layouts();

    /** Their names, the default first. */
    public static final List<String> NAMES = List.copyOf(LAYOUTS.keySet());

    private NamedNetworks() {}

    private static Map<String, ResidualLayout> layouts() {
        Map<String, ResidualLayout> layouts = new LinkedHashMap<>();
        layouts.put("resnet18", layout(Block.BASIC, 2, 2, 2, 2));
        layouts.put("resnet34", layout(Block.BASIC, 3, 4, 6, 3));
        layouts.put("resnet50", layout(Block.BOTTLENECK, 3, 4, 6, 3));
        layouts.put("resnet101", layout(Block.BOTTLENECK, 3, 4, 23, 3));
        layouts.put("resnet152", layout(Block.BOTTLENECK, 3, 8, 36, 3));
        List<Integer> pairs = List.of(1, 0, 1);
        layouts.put("resnet9", new ResidualLayout(Block.POOLED, pairs, null, null, null, null, 0.125));
        layouts.put(
                "resnet9-lightning",
                new ResidualLayout(Block.POOLED, pairs, null, null, null, Order.POOL_RELU_NORM, null));
        return layouts;
    }

    private static ResidualLayout layout(Block block, Integer... depths) {
        return new ResidualLayout(block, List.of(depths), null, null, null, null, null);
    }

    /** Whether there is one of this name. */
    public static boolean known(String name) {
        return LAYOUTS.containsKey(name);
    }

    /**
     * What the network of a name is made of.
     *
     * @throws RefusedFieldException when there is none; the message lists the names and says which is the nearest
     */
    public static ResidualLayout layout(String name) {
        if (!known(name)) {
            throw new RefusedFieldException(
                    NetworkFile.FIELD,
                    name,
                    "one of " + String.join(", ", NAMES) + "; the nearest is " + Nearest.of(NAMES, name));
        }
        return LAYOUTS.get(name);
    }
}
