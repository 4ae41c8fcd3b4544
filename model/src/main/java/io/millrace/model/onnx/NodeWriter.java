// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Writes ONNX's nodes, one a value, and the tensors that they hold. Not thread-safe. */
public final class NodeWriter {
    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Function<String, ByteBuffer> weights;

    /** @param weights their values by name: float32, little-endian, row-major */
    public NodeWriter(Function<String, ByteBuffer> weights) {
        this.weights = weights;
    }

    /** The values of a weight, from the first to the last. */
    public ByteBuffer weight(String name) {
        return weights.apply(name).duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
    }

    /**
     * What a node gives for each image, float32: maps, or a vector as maps of one pixel. Operators that take each number by
     * itself take both ways of lying.
     *
     * @param name of the value
     * @param flat whether it lies as {@code [N, C·H·W]}; as {@code [N,C,H,W]} otherwise
     */
    public record Maps(String name, int channels, int height, int width, boolean flat) {
        /** Whether all that there is of a channel is one pixel. */
        public boolean onePixel() {
            return height == 1 && width == 1;
        }

        /** These with other values. */
        public Maps as(String other, boolean otherFlat) {
            return new Maps(other, channels, height, width, otherFlat);
        }
    }

    /** Writes a node with one output; returns the name of that. */
    public String value(String operator, List<String> inputs, AttributeProto... attributes) {
        return named(operator.toLowerCase(Locale.ROOT) + "_" + graph.getNodeCount(), operator, inputs, attributes);
    }

    /** Writes a node with several outputs; returns their names. */
    public List<String> values(String operator, int outputs, List<String> inputs, AttributeProto... attributes) {
        String name = operator.toLowerCase(Locale.ROOT) + "_" + graph.getNodeCount() + "_";
        return node(IntStream.range(0, outputs).mapToObj(k -> name + k).toList(), operator, inputs, attributes);
    }

    private String named(String name, String operator, List<String> inputs, AttributeProto... attributes) {
        return node(List.of(name), operator, inputs, attributes).get(0);
    }

    private List<String> node(
            List<String> outputs, String operator, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setName("node_" + graph.getNodeCount())
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(Arrays.asList(attributes)));
        return outputs;
    }

    /** Writes a node that takes each number by itself, such as Relu, with operands of one shape or for all of them. */
    public Maps each(String operator, Maps maps, String... operands) {
        String[] inputs = new String[operands.length + 1];
        inputs[0] = maps.name();
        System.arraycopy(operands, 0, inputs, 1, operands.length);
        return maps.as(value(operator, List.of(inputs)), maps.flat());
    }

    /** The same numbers as {@code [N,C,H,W]}. */
    public Maps maps(Maps maps) {
        if (!maps.flat()) {
            return maps;
        }
        // 0: as many images as there are.
        String shape = integers(0, maps.channels(), maps.height(), maps.width());
        return maps.as(value("Reshape", List.of(maps.name(), shape)), false);
    }

    /** The same numbers as {@code [N, C·H·W]}. */
    public Maps rows(Maps maps) {
        return maps.flat() ? maps : maps.as(value("Flatten", List.of(maps.name()), integer("axis", 1)), true);
    }

    /**
     * Adds a float32 tensor; returns its name.
     *
     * @param values little-endian, row-major; not copied, so they must stay as they are
     */
    public String tensor(String name, List<Long> shape, ByteBuffer values) {
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(shape)
                .setRawData(UnsafeByteOperations.unsafeWrap(values)));
        return name;
    }

    /** Adds a weight under its name, whole; returns the name. */
    public String weight(String name, List<Long> shape) {
        return tensor(name, shape, weight(name));
    }

    /** Adds a float32 number as a tensor without dimensions; returns its name. */
    public String number(double value) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return tensor("number_" + graph.getInitializerCount(), List.of(), bytes.putFloat(0, (float) value));
    }

    /** Adds a vector of int64; returns its name. */
    public String integers(long... values) {
        String name = "integers_" + graph.getInitializerCount();
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(values.length);
        Arrays.stream(values).forEach(tensor::addInt64Data);
        graph.addInitializer(tensor);
        return name;
    }

    /** An attribute that is an integer. */
    public static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    /** An attribute that is a list of integers. */
    public static AttributeProto list(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
        Arrays.stream(values).forEach(attribute::addInts);
        return attribute.build();
    }

    /** An attribute that is a number. */
    public static AttributeProto decimal(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }

    /** An attribute that is a word. */
    public static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    /** The same numbers under another name: vectors as {@code [N,K]}, maps as {@code [N,C,H,W]}. */
    Maps output(String name, Maps maps) {
        Maps given = maps.onePixel() ? rows(maps) : maps(maps);
        return given.as(named(name, "Identity", List.of(given.name())), given.flat());
    }

    GraphProto.Builder graph() {
        return graph;
    }
}
