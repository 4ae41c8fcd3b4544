// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.millrace.model.onnx.NodeWriter.Maps;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A network as ONNX: from float32 images {@code [N,C,H,W]}, normalized, of any number, to its outputs. Immutable.
 *
 * @see <a href="https://onnx.ai/onnx/repo-docs/IR.html">ONNX: the intermediate representation</a>
 */
public final class OnnxFile {
    /** Of ONNX 1.12 (2022), with the operators of that year: old enough for every runtime that is in use. */
    private static final int IR_VERSION = 8;

    private static final int OPERATOR_SET = 17;

    /** The number of images, which every input and output begins with. */
    private static final String IMAGES = "N";

    private final ModelProto model;

    private OnnxFile(ModelProto model) {
        this.model = model;
    }

    /**
     * A value that is given to whoever runs the file.
     *
     * @param name by which it is asked for
     * @param value vectors are given as {@code [N,K]}, maps as {@code [N,C,H,W]}
     */
    public record Output(String name, Maps value) {}

    /**
     * What was written, as a file.
     *
     * @param image the input
     */
    public static OnnxFile of(NodeWriter written, Maps image, List<Output> outputs) {
        return of(written, List.of(image), outputs);
    }

    /**
     * What was written, as a file of several inputs.
     *
     * @param inputs in the order in which they are given to it
     */
    public static OnnxFile of(NodeWriter written, List<Maps> inputs, List<Output> outputs) {
        List<ValueInfoProto> given = new ArrayList<>();
        for (Output output : outputs) {
            given.add(described(written.output(output.name(), output.value())));
        }
        GraphProto graph = written.graph()
                .setName("network")
                .addAllInput(inputs.stream().map(OnnxFile::described).toList())
                .addAllOutput(given)
                .build();
        return new OnnxFile(ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setProducerName("millrace")
                .setGraph(graph)
                .build());
    }

    private static ValueInfoProto described(Maps value) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        shape.addDim(Dimension.newBuilder().setDimParam(IMAGES));
        shape.addDim(Dimension.newBuilder().setDimValue(value.channels()));
        if (!value.flat()) {
            shape.addDim(Dimension.newBuilder().setDimValue(value.height()));
            shape.addDim(Dimension.newBuilder().setDimValue(value.width()));
        }
        return ValueInfoProto.newBuilder()
                .setName(value.name())
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    /** Writes the file; the stream is left open. */
    public void writeTo(OutputStream out) throws IOException {
        model.writeTo(out);
    }
}
