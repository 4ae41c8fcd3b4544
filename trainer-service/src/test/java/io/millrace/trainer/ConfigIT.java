// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigIT {
    @TempDir
    private Path store;

    @ParameterizedTest
    @CsvSource({
        "millrace.trainer.prefetch.steps, 0",
        "millrace.trainer.status-every, soon",
    })
    void endsAtOnceNamingKeyAndValueOfWhatMakesNoSense(String key, String value) {
        try (TrainerProcess trainer = TrainerProcess.start("127.0.0.1:1", store, key + "=" + value)) {
            assertThat(trainer.awaitExit()).isNotZero();
            assertThat(trainer.log().lines().filter(line -> line.contains(key) && line.contains(value)))
                    .as(trainer.log())
                    .isNotEmpty();
        }
    }
}
