// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.CheckpointMetadata.Average;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a checkpoint as safetensors: weights, state, and the average that may lie beside them. A later version may
 * add metadata, which this one passes over; what it does not find it gives the value of before it was there.
 */
final class CheckpointFormat {
    private static final String OFFSET = "next_offset.";
    private static final String INCARNATION = "incarnation";
    private static final String INPUT = "input";
    private static final String COMPUTE = "compute";
    private static final String AVERAGE = "average";
    private static final String START = "start";
    private static final String POINTS = "points";
    private static final String RECIPE = "recipe";
    private static final String VALIDATION = "validation";
    private static final String BEST = "best";
    /** Nothing outside a state file knows its digest, so it carries one. */
    static final String CONTENT = "content_sha256";

    private CheckpointFormat() {}

    static Safetensors weights(CheckpointMetadata of, List<Tensor> weights) {
        MetadataStrings strings = MetadataStrings.write()
                .put("format", "pt") // what transformers and others expect of a file for PyTorch
                .put("run", of.runId())
                .put(INCARNATION, of.incarnation())
                .put("step", of.step())
                .put("epoch", of.epoch())
                .put("samples_seen", of.samples())
                .putJson("network", of.network())
                .putJson("normalization", of.normalization())
                .putJson("classes", of.classes())
                .put("dataset", of.dataset())
                .put("dataset_digest", of.datasetDigest())
                .put("height", of.height())
                .put("width", of.width())
                .put("model", of.model())
                .putJson(COMPUTE, of.compute());
        // What is told of photographs only leaves the digests of all others as they were.
        if (of.input() != InputConvention.INK) {
            strings.putJson(INPUT, of.input());
        }
        if (of.average() != null) {
            strings.putJson(AVERAGE, of.average());
        }
        if (!of.validation().isEmpty()) {
            strings.putJson(VALIDATION, of.validation());
        }
        if (of.start() != null) {
            strings.putJson(START, of.start());
        }
        if (of.recipe() != null) {
            strings.put(RECIPE, of.recipe());
        }
        new TreeMap<>(of.nextOffsets()).forEach((partition, offset) -> strings.put(OFFSET + partition, offset));
        return Safetensors.of(strings.strings(), weights);
    }

    static Checkpoint checkpoint(String file, ByteBuffer bytes) throws CorruptCheckpointException {
        Safetensors parsed = parse(file, bytes);
        MetadataStrings strings = MetadataStrings.read(file, parsed.metadata());
        try {
            return new Checkpoint(metadata(strings), List.copyOf(parsed.tensors()));
        } catch (IllegalArgumentException e) {
            throw new CorruptCheckpointException(file, "its metadata make no sense: " + e.getMessage(), e);
        }
    }

    private static CheckpointMetadata metadata(MetadataStrings strings) throws CorruptCheckpointException {
        return new CheckpointMetadata(
                strings.text("run"),
                strings.text(strings.has(INCARNATION) ? INCARNATION : "run"),
                strings.number("step"),
                strings.integer("epoch"),
                strings.number("samples_seen"),
                nextOffsets(strings),
                strings.json("network", Network.class),
                strings.json("normalization", Normalization.class),
                strings.texts("classes"),
                strings.text("dataset"),
                strings.text("dataset_digest"),
                strings.integer("height"),
                strings.integer("width"),
                strings.has(INPUT) ? strings.json(INPUT, InputConvention.class) : InputConvention.INK,
                strings.text("model"),
                strings.has(VALIDATION) ? List.of(strings.json(VALIDATION, Validated[].class)) : List.of(),
                strings.has(COMPUTE) ? strings.json(COMPUTE, Compute.class) : null,
                strings.has(START) ? strings.json(START, Lineage.class) : null,
                strings.has(AVERAGE) ? strings.json(AVERAGE, Average.class) : null,
                strings.has(RECIPE) ? strings.text(RECIPE) : null);
    }

    private static Map<Integer, Long> nextOffsets(MetadataStrings strings) throws CorruptCheckpointException {
        Map<Integer, Long> offsets = new HashMap<>();
        for (String key : strings.keys()) {
            if (key.matches("next_offset\\.\\d{1,9}")) {
                offsets.put(Integer.valueOf(key.substring(OFFSET.length())), strings.number(key));
            }
        }
        return offsets;
    }

    static Safetensors state(TrainingState of) {
        MetadataStrings strings = MetadataStrings.write()
                .putJson("position", of.position())
                .put("checkpoints", of.checkpoints())
                .put("last", of.last())
                .put("weights_sha256", of.weightsSha256());
        if (!of.points().isEmpty()) {
            strings.putJson(POINTS, of.points());
        }
        if (of.best() != null) {
            strings.putJson(BEST, of.best());
        }
        strings.put(CONTENT, contentDigest(strings.strings(), of.optimizer()));
        return Safetensors.of(strings.strings(), of.optimizer());
    }

    /** Over everything but itself, in an order that does not depend on the file's. */
    static String contentDigest(Map<String, String> strings, List<Tensor> tensors) {
        Map<String, String> sorted = new TreeMap<>(strings);
        sorted.remove(CONTENT);
        return Sha256.of(Safetensors.of(sorted, tensors).buffers());
    }

    static TrainingState state(String file, ByteBuffer bytes) throws CorruptCheckpointException {
        Safetensors parsed = parse(file, bytes);
        List<Tensor> optimizer = List.copyOf(parsed.tensors());
        MetadataStrings strings = MetadataStrings.read(file, parsed.metadata());
        String content = contentDigest(parsed.metadata(), optimizer);
        if (!content.equals(strings.text(CONTENT))) {
            throw new CorruptCheckpointException(file, "content of SHA-256 " + strings.text(CONTENT), content);
        }
        return new TrainingState(
                optimizer,
                strings.json("position", Position.class),
                strings.integer("checkpoints"),
                Boolean.parseBoolean(strings.text("last")),
                strings.has(POINTS) ? List.of(strings.json(POINTS, MetricPoint[].class)) : List.of(),
                strings.has(BEST) ? strings.json(BEST, CheckpointPublished.class) : null,
                strings.text("weights_sha256"));
    }

    private static Safetensors parse(String file, ByteBuffer bytes) throws CorruptCheckpointException {
        try {
            return Safetensors.parse(bytes);
        } catch (MalformedSafetensorsException e) {
            throw new CorruptCheckpointException(file, e.getMessage(), e);
        }
    }
}
