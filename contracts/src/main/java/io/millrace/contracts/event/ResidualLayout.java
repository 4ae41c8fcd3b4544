// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A residual network of one's own, stage by stage. What is absent is as in torchvision's ResNets.
 *
 * @param block what a stage is made of
 * @param depths blocks in each stage; of {@code pooled} stages: pairs of residual convolutions, 0 for none
 * @param widths channels of each stage, before a bottleneck's expansion; 64, 128, 256, ... when absent
 * @param stemWidth channels of the first convolution; the first width when absent, 64 for {@code pooled}
 * @param pool how the last maps become one number each; {@code average} when absent, {@code max} for {@code pooled}
 * @param order of what follows a convolution; {@code norm-relu-pool} when absent
 * @param scale factor of the logits; 1 when absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResidualLayout(
        Block block,
        List<Integer> depths,
        List<Integer> widths,
        Integer stemWidth,
        Pool pool,
        Order order,
        Double scale)
        implements ReadStrictly {
    private static final int MOST_STAGES = 8;
    private static final int MOST_BLOCKS = 1000;
    private static final int MOST_CHANNELS = 1 << 12;
    private static final int FIRST_WIDTH = 64;

    public ResidualLayout {
        Fields.present(block, "network.block");
        depths = whole(Fields.present(depths, "network.depths"), "network.depths");
        boolean pooled = block == Block.POOLED;
        Fields.require(
                "network.depths",
                depths,
                !depths.isEmpty() && depths.size() <= MOST_STAGES,
                "a list of 1 to " + MOST_STAGES + " stages");
        depths.forEach(depth -> Fields.range("network.depths", depth, pooled ? 0 : 1, MOST_BLOCKS));
        widths = widths == null
                ? doubling(depths.size(), pooled ? 2 * FIRST_WIDTH : FIRST_WIDTH)
                : whole(widths, "network.widths");
        Fields.require(
                "network.widths",
                widths,
                widths.size() == depths.size(),
                "a width for each of the " + depths.size() + " stages of network.depths");
        widths.forEach(width -> Fields.range("network.widths", width, 1, MOST_CHANNELS));
        stemWidth = stemWidth == null ? (pooled ? Integer.valueOf(FIRST_WIDTH) : widths.get(0)) : stemWidth;
        Fields.range("network.stemWidth", stemWidth, 1, MOST_CHANNELS);
        pool = pool == null ? (pooled ? Pool.MAX : Pool.AVERAGE) : pool;
        order = order == null ? Order.NORM_RELU_POOL : order;
        Fields.require(
                "network.order",
                order,
                pooled || order == Order.NORM_RELU_POOL,
                "left out with a block other than \"pooled\"");
        scale = scale == null ? Double.valueOf(1) : scale;
        Fields.require("network.scale", scale, Double.isFinite(scale) && scale != 0, "finite and not 0");
    }

    private static List<Integer> whole(List<Integer> numbers, String field) {
        Fields.require(field, numbers, numbers.stream().allMatch(Objects::nonNull), "a list of whole numbers");
        return List.copyOf(numbers);
    }

    private static List<Integer> doubling(int stages, int first) {
        return IntStream.range(0, stages).mapToObj(stage -> first << stage).toList();
    }

    /** The stem that its authors gave it. */
    public Network.Stem usualStem() {
        return block == Block.POOLED ? Network.Stem.CIFAR : Network.Stem.IMAGENET;
    }

    /** Pixels of the shorter side of the smallest image that goes through: each 2×2 pool needs two. */
    public int smallestSide(Network.Stem stem) {
        if (block != Block.POOLED) {
            return 1;
        }
        // The stem for larger images takes every second pixel and then has a pool of its own.
        return stem == Network.Stem.CIFAR ? 1 << depths.size() : (1 << depths.size() + 2) - 1;
    }

    /** What a stage is made of. */
    public enum Block {
        /** Two 3×3 convolutions and a shortcut. */
        @JsonProperty("basic")
        BASIC,
        /** 1×1, 3×3 and 1×1 to four times the width, and a shortcut; the stride is the 3×3's, as in torchvision. */
        @JsonProperty("bottleneck")
        BOTTLENECK,
        /** A 3×3 convolution and a 2×2 pool, then pairs of 3×3 convolutions, each with a shortcut. */
        @JsonProperty("pooled")
        POOLED
    }

    /** How the last maps become one number each. */
    public enum Pool {
        @JsonProperty("average")
        AVERAGE,
        @JsonProperty("max")
        MAX
    }

    /** What follows a convolution. */
    public enum Order {
        @JsonProperty("norm-relu-pool")
        NORM_RELU_POOL,
        @JsonProperty("pool-relu-norm")
        POOL_RELU_NORM
    }
}
