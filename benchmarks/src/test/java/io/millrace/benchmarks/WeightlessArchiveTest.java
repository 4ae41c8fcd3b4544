// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.network.Weight;
import io.millrace.model.network.Weight.Initial;
import io.millrace.model.script.ModuleTensor;
import io.millrace.model.script.TorchScriptArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightlessArchiveTest {
    @Test
    void weightsAreZeroAndSaidHowToBeDrawn(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("net.zip");
        ByteBuffer ones = ByteBuffer.wrap(new byte[] {1, 1, 1, 1, 1, 1, 1, 1});
        try (OutputStream out = Files.newOutputStream(file)) {
            new TorchScriptArchive("  # nothing\n", List.of(new ModuleTensor("a__b", List.of(2L), true, false, ones)))
                    .writeTo(out);
        }

        WeightlessArchive.rewrite(
                file,
                List.of(
                        new Weight("a.b", List.of(2L), true, new Initial.Normal(0.5)),
                        new Weight("c", List.of(2L), true, new Initial.Uniform(0.25)),
                        new Weight("d", List.of(2L), false, new Initial.Constant(1))));

        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(content(zip, "net/data/0")).isEqualTo(new byte[8]);
            assertThat(new String(content(zip, "net/code/__torch__.py"), UTF_8)).contains("# nothing");
            assertThat(new String(content(zip, "net/initial.json"), UTF_8))
                    .isEqualToIgnoringWhitespace(
                            "{\"a__b\": {\"normal\": 0.5}, \"c\": {\"uniform\": 0.25}, \"d\": {\"constant\": 1.0}}");
        }
    }

    private static byte[] content(ZipFile zip, String name) throws IOException {
        return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }
}
