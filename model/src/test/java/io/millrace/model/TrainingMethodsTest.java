// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.graph.Graph;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Settings;
import io.millrace.model.optimizer.Sgd;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TrainingMethodsTest {
    @Test
    void areTheSameWhateverDigitsTheMachineWrites() {
        String expected = methods();
        Locale before = Locale.getDefault();
        String arabic;
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            arabic = methods();
        } finally {
            Locale.setDefault(before);
        }

        assertThat(arabic).isEqualTo(expected).contains("memory_format=0").contains("decays = [5.0E-4]");
    }

    @Test
    void sumsAreKeptInFloat32WhereADeviceHasNothingBetter() {
        assertThat(methods(false))
                .contains("y), dtype=6)", "torch.detach(loss), 6)")
                .doesNotContain(", 7)");
        assertThat(methods()).contains("y), dtype=7)", "torch.detach(loss), 7)");
    }

    private static String methods() {
        return methods(true);
    }

    private static String methods(boolean float64) {
        Graph graph = Graph.of(Networks.describe(Given.NETWORK), Given.SIDE, Given.SIDE);
        Optimizer sgd = new Sgd(0.9, true);
        List<Settings> settings = List.of(new Settings(1, 5e-4, false));
        return TrainingMethods.forLearning(
                graph,
                Weight::trainable,
                sgd,
                settings,
                Optimizer.Order.ONE_BY_ONE,
                Given.recipe(),
                false,
                false,
                float64);
    }
}
