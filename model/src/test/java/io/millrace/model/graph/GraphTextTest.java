// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Network.Stem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"resnet18", "resnet50", "resnet9"})
    void everyNodeHasANameOfItsOwnAndReadsNodesBeforeIt(String name) {
        String[] lines =
                GraphText.of(new Network(name, Stem.CIFAR, 3, 7), 32, 32).split("\n");

        assertThat(lines[0]).isEqualTo("image\tInput\t\t3x32x32");
        assertThat(lines[lines.length - 1]).endsWith("\t7x1x1");
        Set<String> before = new HashSet<>();
        for (String line : lines) {
            String[] fields = line.split("\t", -1);
            if (!fields[2].isEmpty()) {
                assertThat(before).containsAll(List.of(fields[2].split(",")));
            }
            assertThat(before.add(fields[0])).as(fields[0]).isTrue();
        }
    }
}
