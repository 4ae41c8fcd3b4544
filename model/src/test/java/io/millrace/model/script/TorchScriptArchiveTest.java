// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.script;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class TorchScriptArchiveTest {
    /** Shape [2,3,1,2]; the value says where it belongs: channel times ten plus column, the second image from 100 on. */
    private static final float[] VALUES = {0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121};

    private static ModuleTensor tensor(boolean channelsLast) {
        ByteBuffer bytes = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(VALUES);
        return new ModuleTensor("w", List.of(2L, 3L, 1L, 2L), true, channelsLast, bytes);
    }

    private static byte[] written(boolean channelsLast) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TorchScriptArchive(
                        "  def forward(self: __torch__.Net) -> Tensor:\n    return self.w\n",
                        List.of(tensor(channelsLast)))
                .writeTo(out);
        return out.toByteArray();
    }

    private static Map<String, byte[]> entries(byte[] archive) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
        return entries;
    }

    private static float[] floats(byte[] bytes) {
        float[] floats = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    @Test
    void theZipHoldsWhatLibtorchLooksFor() throws IOException {
        Map<String, byte[]> entries = entries(written(false));

        assertThat(entries.keySet())
                .containsExactly(
                        "net/data.pkl", "net/code/__torch__.py", "net/constants.pkl", "net/version", "net/data/0");
        assertThat(new String(entries.get("net/code/__torch__.py"), UTF_8)).isEqualTo("""
                class Net(Module):
                  __parameters__ = ["w", ]
                  __buffers__ = []
                  training : bool
                  w : Tensor
                  def forward(self: __torch__.Net) -> Tensor:
                    return self.w
                """);
        assertThat(entries.get("net/constants.pkl")).containsExactly(0x80, 2, ')', '.');
    }

    @Test
    void valuesLieInTheOrderOfTheirLayout() throws IOException {
        assertThat(floats(entries(written(false)).get("net/data/0"))).containsExactly(VALUES);
        assertThat(floats(entries(written(true)).get("net/data/0")))
                .containsExactly(0, 10, 20, 1, 11, 21, 100, 110, 120, 101, 111, 121);
        assertThat(tensor(false).strides()).containsExactly(6, 2, 2, 1);
        assertThat(tensor(true).strides()).containsExactly(6, 1, 6, 3);
    }

    @Test
    void theModuleIsAPickleOfProtocolTwo() throws IOException {
        byte[] expected = concat(
                new byte[] {(byte) 0x80, 2},
                "c__torch__\nNet\n)".getBytes(UTF_8),
                new byte[] {(byte) 0x81},
                "}(X\10\0\0\0training".getBytes(UTF_8),
                new byte[] {(byte) 0x88},
                "X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\n".getBytes(UTF_8),
                "X\1\0\0\0000X\3\0\0\0cpuJ\14\0\0\0tQJ\0\0\0\0".getBytes(UTF_8),
                "(J\2\0\0\0J\3\0\0\0J\1\0\0\0J\2\0\0\0t".getBytes(UTF_8),
                "(J\6\0\0\0J\2\0\0\0J\2\0\0\0J\1\0\0\0t".getBytes(UTF_8),
                new byte[] {(byte) 0x88},
                "ccollections\nOrderedDict\n)RtRub.".getBytes(UTF_8));

        assertThat(entries(written(false)).get("net/data.pkl")).isEqualTo(expected);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void equalModulesAreEqualBytes() throws IOException {
        assertThat(written(true)).isEqualTo(written(true));
    }
}
