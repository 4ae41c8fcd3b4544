// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.test.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
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
        "millrace.trainer.max-lost-ratio, 1.5",
        "millrace.trainer.device, gpu",
        "millrace.trainer.device, cuda:99",
        "millrace.checkpoints.uri, checkpoints",
        "millrace.checkpoints.uri, s3:/millrace",
        "millrace.checkpoints.uri, ftp://host/checkpoints",
        "millrace.checkpoints.dir, /var/lib/checkpoints",
    })
    void endsAtOnceNamingKeyAndValueOfWhatMakesNoSense(String key, String value) {
        endsAtOnce(store, key, value, Map.of(key, value));
    }

    @Test
    void endsAtOnceWhenTheStoreIsNoDirectory() throws IOException {
        Path file = Files.createFile(store.resolve("a-file"));

        endsAtOnce(file, "millrace.checkpoints.uri", file.toString(), Map.of());
    }

    private static void endsAtOnce(Path store, String key, String value, Map<String, String> config) {
        try (ServiceProcess trainer = TrainerProcess.start("127.0.0.1:1", store, config)) {
            assertThat(trainer.awaitExit()).isNotZero();
            assertThat(trainer.log().lines().filter(line -> line.contains(key) && line.contains(value)))
                    .as(trainer.log())
                    .isNotEmpty();
        }
    }
}
