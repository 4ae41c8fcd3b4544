// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.safetensors.MalformedSafetensorsException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON header, as strict as the reference implementation: every byte of the data belongs to one tensor. */
record Header(Map<String, String> metadata, List<Entry> entries) {
    static final long MAX_LENGTH = 100_000_000;
    private static final String METADATA = "__metadata__";
    private static final int ALIGNMENT = 8;
    private static final JsonMapper JSON = JsonMapper.builder(new com.fasterxml.jackson.core.JsonFactoryBuilder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength((int) MAX_LENGTH)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {}

    static Header parse(byte[] json) throws MalformedSafetensorsException {
        if (json.length == 0 || json[0] != '{') {
            throw new MalformedSafetensorsException(Reason.HEADER_NOT_OBJECT, "the header does not begin with {");
        }
        JsonNode root = tree(json);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals(METADATA)) {
                metadata.putAll(metadata(field.getValue()));
            } else {
                entries.add(entry(field.getKey(), field.getValue()));
            }
        }
        return new Header(metadata, entries);
    }

    private static JsonNode tree(byte[] json) throws MalformedSafetensorsException {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            boolean duplicate = String.valueOf(e.getOriginalMessage()).startsWith("Duplicate");
            throw new MalformedSafetensorsException(
                    duplicate ? Reason.DUPLICATE_NAME : Reason.HEADER_NOT_JSON, e.getOriginalMessage());
        } catch (IOException e) {
            throw new MalformedSafetensorsException(Reason.HEADER_NOT_JSON, e.getMessage());
        }
    }

    private static Map<String, String> metadata(JsonNode node) throws MalformedSafetensorsException {
        if (!node.isObject()) {
            throw new MalformedSafetensorsException(Reason.BAD_METADATA, "__metadata__ is no object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isTextual()) {
                throw new MalformedSafetensorsException(
                        Reason.BAD_METADATA, "the metadata \"" + field.getKey() + "\" is no string");
            }
            metadata.put(field.getKey(), field.getValue().textValue());
        }
        return metadata;
    }

    private static Entry entry(String name, JsonNode node) throws MalformedSafetensorsException {
        JsonNode type = node.path("dtype");
        JsonNode shape = node.path("shape");
        JsonNode offsets = node.path("data_offsets");
        if (!type.isTextual() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw new MalformedSafetensorsException(
                    Reason.HEADER_NOT_JSON, "tensor \"" + name + "\" needs dtype, shape and two data_offsets");
        }
        DType dtype = Arrays.stream(DType.values())
                .filter(known -> known.name().equals(type.textValue()))
                .findFirst()
                .orElseThrow(() -> new MalformedSafetensorsException(
                        Reason.UNKNOWN_DTYPE, "tensor \"" + name + "\" has type \"" + type.textValue() + "\""));
        List<Long> sizes = new ArrayList<>();
        long bytes = dtype.bytes();
        for (JsonNode size : shape) {
            if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
                throw new MalformedSafetensorsException(
                        Reason.BAD_SHAPE, "tensor \"" + name + "\" has the size " + size + " in its shape");
            }
            sizes.add(size.longValue());
            try {
                bytes = Math.multiplyExact(bytes, size.longValue());
            } catch (ArithmeticException e) {
                throw new MalformedSafetensorsException(
                        Reason.BAD_SHAPE, "tensor \"" + name + "\" of shape " + shape + " is too large");
            }
        }
        long begin = offset(name, offsets.get(0));
        long end = offset(name, offsets.get(1));
        if (end < begin || end - begin != bytes) {
            throw new MalformedSafetensorsException(
                    Reason.BAD_OFFSETS,
                    "tensor \"" + name + "\" of " + bytes + " bytes lies at [" + begin + ", " + end + ")");
        }
        return new Entry(name, dtype, sizes, begin, end);
    }

    private static long offset(String name, JsonNode node) throws MalformedSafetensorsException {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw new MalformedSafetensorsException(
                    Reason.BAD_OFFSETS, "tensor \"" + name + "\" has the offset " + node);
        }
        return node.longValue();
    }

    /** The tensors as views into the bytes that follow the header. */
    Map<String, Tensor> tensors(ByteBuffer data) throws MalformedSafetensorsException {
        List<Entry> inOrder = new ArrayList<>(entries);
        inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long position = 0;
        for (Entry entry : inOrder) {
            if (entry.begin() != position) {
                throw new MalformedSafetensorsException(
                        Reason.NOT_CONTIGUOUS,
                        "tensor \"" + entry.name() + "\" begins at " + entry.begin() + ", expected " + position);
            }
            position = entry.end();
        }
        if (position != data.remaining()) {
            throw new MalformedSafetensorsException(
                    Reason.WRONG_DATA_LENGTH,
                    "the header describes " + position + " bytes of data, " + data.remaining() + " are there");
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Entry entry : inOrder) {
            ByteBuffer view = data.slice((int) entry.begin(), (int) (entry.end() - entry.begin()));
            tensors.put(entry.name(), new Tensor(entry.name(), entry.dtype(), entry.shape(), view));
        }
        return tensors;
    }

    /** Length and JSON, padded with spaces so that the data is aligned. */
    static ByteBuffer encode(Map<String, String> metadata, Collection<Tensor> tensors) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode strings = root.putObject(METADATA);
            metadata.forEach(strings::put);
        }
        long position = 0;
        for (Tensor tensor : tensors) {
            ObjectNode entry = root.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            tensor.shape().forEach(entry.putArray("shape")::add);
            long end = position + tensor.data().remaining();
            entry.putArray("data_offsets").add(position).add(end);
            position = end;
        }
        byte[] json;
        try {
            json = JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers can always be written", e);
        }
        int length = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(length).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }
}
