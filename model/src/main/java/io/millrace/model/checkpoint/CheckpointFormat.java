// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The two files of a checkpoint as safetensors. */
final class CheckpointFormat {
    private static final String OFFSET = "next_offset.";
    private static final String EXTRA = "extra.";
    /** Nothing outside a state file knows its digest, so it carries one. */
    private static final String CONTENT = "content_sha256";

    private CheckpointFormat() {}

    /** @param nextOffsets by partition, where reading goes on; the state has them too, but it does not stay */
    static Safetensors weights(CheckpointMetadata of, Map<Integer, Long> nextOffsets, List<Tensor> weights) {
        Strings strings = Strings.write()
                .put("format", "pt") // what transformers and others expect of a file for PyTorch
                .put("run", of.runId())
                .put("step", of.step())
                .put("epoch", of.epoch())
                .put("samples_seen", of.samplesSeen())
                .putJson("network", of.network())
                .putJson("normalization", of.normalization())
                .putJson("classes", of.classes())
                .put("dataset", of.dataset())
                .put("dataset_digest", of.datasetDigest())
                .put("height", of.height())
                .put("width", of.width())
                .put("model", of.model())
                .put("precision", of.precision().name().toLowerCase(Locale.ROOT));
        putOffsets(strings, nextOffsets);
        return Safetensors.of(strings.strings(), weights);
    }

    private static void putOffsets(Strings strings, Map<Integer, Long> nextOffsets) {
        new TreeMap<>(nextOffsets).forEach((partition, offset) -> strings.put(OFFSET + partition, offset));
    }

    static CheckpointMetadata metadata(String file, Safetensors of) throws CorruptCheckpointException {
        Strings strings = Strings.read(file, of.metadata());
        try {
            return new CheckpointMetadata(
                    strings.text("run"),
                    strings.number("step"),
                    strings.integer("epoch"),
                    strings.number("samples_seen"),
                    strings.json("network", Network.class),
                    strings.json("normalization", Normalization.class),
                    strings.texts("classes"),
                    strings.text("dataset"),
                    strings.text("dataset_digest"),
                    strings.integer("height"),
                    strings.integer("width"),
                    strings.text("model"),
                    strings.constant("precision", Precision.class));
        } catch (IllegalArgumentException e) {
            throw new CorruptCheckpointException(file, "its metadata make no sense: " + e.getMessage(), e);
        }
    }

    static Safetensors state(TrainingState of) {
        Strings strings = Strings.write()
                .put("step", of.step())
                .put("epoch", of.epoch())
                .put("samples_seen", of.samplesSeen())
                .put("checkpoints", of.checkpoints())
                .put("weights_sha256", of.weightsSha256());
        putOffsets(strings, of.nextOffsets());
        of.extras().forEach((key, value) -> strings.put(EXTRA + key, value));
        strings.put(CONTENT, contentDigest(strings.strings(), of.optimizer()));
        return Safetensors.of(strings.strings(), of.optimizer());
    }

    /** Over everything but itself, in an order that does not depend on the file's. */
    private static String contentDigest(Map<String, String> strings, List<Tensor> tensors) {
        Map<String, String> sorted = new TreeMap<>(strings);
        sorted.remove(CONTENT);
        return DurableFile.sha256(Safetensors.of(sorted, tensors));
    }

    static TrainingState state(String file, Safetensors of) throws CorruptCheckpointException {
        Strings strings = Strings.read(file, of.metadata());
        String content = contentDigest(of.metadata(), List.copyOf(of.tensors()));
        if (!content.equals(strings.text(CONTENT))) {
            throw new CorruptCheckpointException(file, "content of SHA-256 " + strings.text(CONTENT), content);
        }
        Map<Integer, Long> offsets = new HashMap<>();
        Map<String, String> extras = new HashMap<>();
        for (String key : of.metadata().keySet()) {
            if (key.matches("next_offset\\.\\d{1,9}")) {
                offsets.put(Integer.valueOf(key.substring(OFFSET.length())), strings.number(key));
            } else if (key.startsWith(EXTRA)) {
                extras.put(key.substring(EXTRA.length()), strings.text(key));
            }
        }
        return new TrainingState(
                new ArrayList<>(of.tensors()),
                offsets,
                strings.number("step"),
                strings.integer("epoch"),
                strings.number("samples_seen"),
                strings.number("checkpoints"),
                strings.text("weights_sha256"),
                extras);
    }
}
