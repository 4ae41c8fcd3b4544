// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the files of a work directory take.
 *
 * @param bytes by kind: broker, checkpoints, data (downloads), logs
 * @param freeBytes what their disk has left
 */
public record DiskUse(Map<String, Long> bytes, long freeBytes) {
    /** By folder. */
    private static final Map<String, String> KINDS =
            Map.of("kafka", "broker", "checkpoints", "checkpoints", "cache", "data", "logs", "logs");

    /**
     * Asks {@code du}, which knows, as Java does not, what the holes in files do not take: indices of Kafka are ten
     * megabytes each by their length, and next to nothing on the disk.
     *
     * @throws IOException when there is no such program, or the folder is gone
     */
    public static DiskUse of(Path workDir) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("du", "-sk"));
        KINDS.keySet().stream()
                .sorted()
                .map(workDir::resolve)
                .filter(Files::isDirectory)
                .forEach(folder -> command.add(folder.toString()));
        Process du = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
        String answer = new String(du.getInputStream().readAllBytes(), UTF_8);
        // Of files that go meanwhile it complains, and counts the others.
        du.waitFor();
        Map<String, Long> bytes = new TreeMap<>();
        answer.lines()
                .map(line -> line.split("\t", 2))
                .forEach(line -> bytes.put(
                        KINDS.get(Path.of(line[1]).getFileName().toString()), 1024 * Long.parseLong(line[0])));
        return new DiskUse(bytes, Files.getFileStore(workDir).getUsableSpace());
    }
}
