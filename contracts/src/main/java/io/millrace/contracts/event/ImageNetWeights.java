// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * torchvision's weights for ImageNet-1k (those of {@code IMAGENET1K_V1}) as safetensors, by network. They are timm's copies,
 * <a href="https://huggingface.co/timm/resnet18.tv_in1k">timm/&lt;network&gt;.tv_in1k</a>, each pinned to a commit;
 * BSD-3-Clause, and who uses them is bound by ImageNet's terms. Digests are those that others have published for these
 * files; networks whose digest is not known are not here.
 */
public final class ImageNetWeights {
    private static final Map<String, Start> TABLE = new TreeMap<>();

    static {
        add(
                "resnet18",
                "bbd144b3e5565108aad885f145491d11bc6ce807",
                "694f673df6520a3158624e8a89af086f59923ee4cd7436fe5bc3bc71d295ad81");
        add(
                "resnet34",
                "1b7b21cca82ff974d341713f777bf740c2db38c4",
                "0bb82595a564991a9d424708b33f5d843f5aaed7f6c0886ff10849ff97022235");
        add(
                "resnet50",
                "78f3ecfdb38e06d9b8397f662e7ab8fee96026fa",
                "5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888");
    }

    private ImageNetWeights() {}

    private static void add(String network, String commit, String sha256) {
        String file = "https://huggingface.co/timm/%s.tv_in1k/resolve/%s/model.safetensors".formatted(network, commit);
        TABLE.put(network, new Start(file, sha256));
    }

    /**
     * Address and digest of a network's weights.
     *
     * @throws RefusedFieldException when there are none, or the network looks at images another way
     */
    public static Start of(NetworkFile network) {
        Start known = network.layout() == null ? TABLE.get(network.name()) : null;
        Fields.require(
                "weights",
                Start.IMAGENET,
                known != null,
                "an address with its sha256: " + Start.IMAGENET + " has weights for "
                        + String.join(", ", List.copyOf(TABLE.keySet())) + ", not for " + network.name());
        Fields.require(
                "weights",
                Start.IMAGENET,
                network.stem() == Network.Stem.IMAGENET,
                "left out, or the stem imagenet: the weights of " + Start.IMAGENET
                        + " begin with a 7x7 convolution, the stem cifar with a 3x3 one");
        return known;
    }
}
