// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.model.network.Weight;
import io.millrace.model.network.Weight.Initial;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** An archive whose weights are zero, deflated, with what they are to be drawn from. */
final class WeightlessArchive {
    private static final String TENSORS = "net/data/";
    private static final String INITIAL = "net/initial.json";

    private WeightlessArchive() {}

    /** Takes the weights out of an archive. */
    static void rewrite(Path file, List<Weight> weights) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(whole));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                boolean tensor = entry.getName().startsWith(TENSORS);
                put(out, entry.getName(), tensor ? new byte[content.length] : content);
            }
            put(out, INITIAL, initial(weights).getBytes(UTF_8));
        }
    }

    private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0);
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    static String initial(List<Weight> weights) {
        return weights.stream()
                .map(weight -> "\"" + weight.attribute() + "\": " + drawn(weight.initial()))
                .collect(Collectors.joining(",\n", "{", "}\n"));
    }

    private static String drawn(Initial initial) {
        if (initial instanceof Initial.Constant constant) {
            return "{\"constant\": " + constant.value() + "}";
        }
        return initial instanceof Initial.Normal normal
                ? "{\"normal\": " + normal.deviation() + "}"
                : "{\"uniform\": " + ((Initial.Uniform) initial).bound() + "}";
    }
}
