// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.CheckpointFile;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.Graph;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.script.ModuleTensor;
import io.millrace.model.script.TorchScriptArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint in a format of other programs. Networks take images {@code float32 [N,C,H,W]}, normalized, of any number,
 * and give logits {@code float32 [N,K]}. Immutable.
 */
public final class Exporter {
    private static final String FOLDED = "folded";
    private static final String FORWARD = """
              def forward(self: __torch__.Net,
                %s: Tensor) -> Tensor:
            %s    return %s
            """;

    private final Path source;
    private final Found found;
    private final Graph graph;
    private final List<Tensor> weights;
    private final boolean folded;

    private Exporter(Path source, Found found, Graph graph, List<Tensor> weights, boolean folded) {
        this.source = source;
        this.found = found;
        this.graph = graph;
        this.weights = weights;
        this.folded = folded;
    }

    /**
     * Of a checkpoint.
     *
     * @param source its file
     * @param folded whether BatchNorm goes into the convolutions, as it is served: smaller and faster, not to be trained
     * @throws io.millrace.model.checkpoint.CorruptCheckpointException when it is no checkpoint, or not what its name says
     * @throws IllegalArgumentException when its weights do not fit its network, nothing of it can be folded, or it was
     */
    public static Exporter of(Path source, boolean folded) throws IOException {
        Found found = CheckpointFile.read(source);
        if (Safetensors.read(source).metadata().containsKey(FOLDED)) {
            throw new IllegalArgumentException(source + " was exported with --folded, without the BatchNorm that its"
                    + " network has; export the checkpoint that it is of, "
                    + found.ref().checkpointId());
        }
        CheckpointMetadata about = found.checkpoint().metadata();
        Graph graph = Graph.of(Networks.describe(about.network()), about.height(), about.width());
        List<Tensor> weights =
                Networks.requireFit(about.network(), found.checkpoint().weights());
        if (!folded) {
            return new Exporter(source, found, graph, weights, false);
        }
        Folding folding = Folding.of(graph);
        if (folding.graph().equals(graph)) {
            throw new IllegalArgumentException("no BatchNorm of network "
                    + about.network().name() + " stands right behind a convolution, so nothing of it can be folded;"
                    + " leave --folded out");
        }
        return new Exporter(source, found, folding.graph(), folding.weights(weights), true);
    }

    /** What is exported. */
    Found found() {
        return found;
    }

    /** Writes it; the stream is left open. */
    public void write(Format format, OutputStream out) throws IOException {
        switch (format) {
            case SAFETENSORS -> safetensors(out);
            case TORCHSCRIPT -> torchScript().writeTo(out);
            case ONNX -> graph.onnx(weights).writeTo(out);
        }
    }

    /** Whole, it is the checkpoint's file to the byte. */
    private void safetensors(OutputStream out) throws IOException {
        if (folded) {
            Map<String, String> strings = new HashMap<>(Safetensors.read(source).metadata());
            strings.put(FOLDED, "true");
            Safetensors.of(strings, weights).writeTo(Channels.newChannel(out));
        } else {
            Files.copy(source, out);
        }
    }

    /** The network as TorchScript, in evaluation mode. */
    public TorchScriptArchive torchScript() {
        Graph.Script script = graph.script(false);
        List<ModuleTensor> tensors = new ArrayList<>();
        for (int k = 0; k < weights.size(); k++) {
            Weight weight = graph.weights().get(k);
            tensors.add(new ModuleTensor(
                    weight.attribute(),
                    weight.shape(),
                    weight.trainable(),
                    false,
                    weights.get(k).data()));
        }
        String forward = String.format(FORWARD, Graph.INPUT, script.statements(), script.logits());
        return new TorchScriptArchive(forward, tensors, false);
    }
}
