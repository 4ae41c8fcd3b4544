// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.model.checkpoint.CheckpointMetadata;
import java.util.List;

/** How exported weights are called, as Python that runs. */
final class Usage {
    private Usage() {}

    static String of(Format format, boolean folded, CheckpointMetadata about, String name) {
        return normalized(about) + "\n"
                + switch (format) {
                    case SAFETENSORS -> safetensors(folded, about.network(), name);
                    case TORCHSCRIPT -> """
                        model = torch.jit.load("%s")   # .train() goes on with training it
                        probabilities = model(images).softmax(1)\
                        """.formatted(name);
                    case ONNX -> """
                        import onnxruntime
                        session = onnxruntime.InferenceSession("%s")
                        probabilities = torch.from_numpy(session.run(None, {"image": images.numpy()})[0]).softmax(1)\
                        """.formatted(name);
                };
    }

    private static String normalized(CheckpointMetadata about) {
        String shape = ".reshape(1, " + about.network().inputChannels() + ", 1, 1)";
        return """
                import torch
                # pixels: uint8 [N,%d,%d,%d], 0 is black
                zero_point = torch.tensor(%s)%s
                scale = torch.tensor(%s)%s
                images = (pixels.float() - zero_point) * scale\
                """.formatted(
                        about.network().inputChannels(),
                        about.height(),
                        about.width(),
                        list(about.normalization().zeroPoint()),
                        shape,
                        list(about.normalization().scale()),
                        shape);
    }

    private static String list(List<Float> numbers) {
        return numbers.toString();
    }

    private static String safetensors(boolean folded, Network network, String name) {
        if (folded || !NamedNetworks.known(network.name()) || pooled(network)) {
            return """
                    from safetensors.torch import load_file
                    weights = load_file("%s")   # a network of your own takes them; torchscript brings one along\
                    """.formatted(name);
        }
        StringBuilder lines = new StringBuilder();
        lines.append("import torchvision\nfrom safetensors.torch import load_file\n");
        lines.append("model = torchvision.models.")
                .append(network.name())
                .append("(num_classes=")
                .append(network.classes())
                .append(")\n");
        if (network.stem() == Network.Stem.CIFAR) {
            lines.append("model.conv1 = torch.nn.Conv2d(")
                    .append(network.inputChannels())
                    .append(", 64, 3, 1, 1, bias=False)\nmodel.maxpool = torch.nn.Identity()\n");
        } else if (network.inputChannels() != 3) {
            lines.append("model.conv1 = torch.nn.Conv2d(")
                    .append(network.inputChannels())
                    .append(", 64, 7, 2, 3, bias=False)\n");
        }
        return lines.append("model.load_state_dict(load_file(\"")
                .append(name)
                .append("\"))\nprobabilities = model.eval()(images).softmax(1)")
                .toString();
    }

    private static boolean pooled(Network network) {
        return NamedNetworks.layout(network.name()).block() == Block.POOLED;
    }
}
