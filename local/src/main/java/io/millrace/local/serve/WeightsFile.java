// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.PickledWeights;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Weights of a checkpoint that Millrace wrote, by what stands beside them in their file.
 *
 * @param path where
 * @param model the name that they are served under
 * @param network what they are the weights of
 * @param run the run that trained them
 * @param step after which step of it
 */
public record WeightsFile(Path path, String model, Network network, String run, String step) {
    private static final String REMEDY =
            ". Name the weights of a checkpoint that Millrace wrote: they lie in a work directory "
                    + "as checkpoints/<run>/step-<n>-<digest>.safetensors";
    private static final String OTHERS = ". Weights of others are a start for a training: ./millrace up --weights FILE";

    /**
     * Looks whether a file is one. Whether its tensors are the network's is seen when it is loaded.
     *
     * @throws Refusal naming the file, what is wrong, and the remedy
     */
    public static WeightsFile of(Path path) {
        if (!Files.exists(path)) {
            throw new Refusal(path + " does not exist" + REMEDY);
        }
        if (!Files.isRegularFile(path)) {
            throw new Refusal(path + " is " + (Files.isDirectory(path) ? "a folder" : "no regular file") + REMEDY);
        }
        if (!Files.isReadable(path)) {
            throw new Refusal(path + " may not be read by this user. Make it readable");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            return of(path, channel.map(MapMode.READ_ONLY, 0, Math.min(channel.size(), Integer.MAX_VALUE)));
        } catch (IOException e) {
            throw new Refusal(path + " cannot be read: " + e, e);
        }
    }

    private static WeightsFile of(Path path, ByteBuffer bytes) {
        if (PickledWeights.is(bytes)) {
            throw new Refusal(path + " is a pickle, as torch.save writes them, and may hold programs: it is never read"
                    + REMEDY + OTHERS + ", once they are safetensors");
        }
        Map<String, String> strings;
        try {
            strings = Safetensors.parse(bytes).metadata();
        } catch (MalformedSafetensorsException e) {
            throw new Refusal(path + " is no safetensors file, or not the whole of one: " + e.getMessage() + REMEDY, e);
        }
        TreeSet<String> missing = new TreeSet<>(List.of(
                "classes", "format_version", "height", "model", "network", "normalization", "run", "step", "width"));
        missing.removeAll(strings.keySet());
        if (!missing.isEmpty()) {
            throw new Refusal(path + " is a safetensors file of something else: its metadata lack "
                    + String.join(", ", missing) + REMEDY + OTHERS);
        }
        if (strings.containsKey("folded")) {
            throw new Refusal(path + " was exported with --folded, without the BatchNorm that its network has" + REMEDY
                    + ", or export it without --folded: what is served is folded anyway");
        }
        try {
            Network network = EventCodec.decode(strings.get("network").getBytes(UTF_8), Network.class);
            return new WeightsFile(path, strings.get("model"), network, strings.get("run"), strings.get("step"));
        } catch (MalformedEventException e) {
            throw new Refusal(
                    path + " describes a network that this version does not know (" + e.getMessage()
                            + "). Serve it with the version that wrote it",
                    e);
        }
    }
}
