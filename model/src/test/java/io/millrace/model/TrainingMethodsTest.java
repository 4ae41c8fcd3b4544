// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.network.Networks;
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

        assertThat(arabic).isEqualTo(expected).contains("memory_format=0").contains("alpha=5.0E-4");
    }

    private static String methods() {
        return TrainingMethods.forLearning(Networks.trainingGraph(Given.NETWORK, false), Given.recipe(), false, false);
    }
}
