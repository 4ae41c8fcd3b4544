// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Network;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What goes with exported weights, as Markdown: everything that the checkpoint says of itself, how to call it, and what is
 * not known. It claims no licence: those of the images and of the weights at the start are not known here.
 */
final class ModelCard {
    private final CheckpointRef ref;
    private final CheckpointMetadata about;
    private final Optional<Score> score;

    /**
     * What a test split said.
     *
     * @param accuracy 0 to 1
     * @param loss mean cross entropy in nats
     * @param confidence empty where it is not calibrated
     */
    record Score(double accuracy, double loss, Optional<Confidence> confidence) {}

    /**
     * What probabilities are worth.
     *
     * @param temperature what logits are divided by before the softmax
     * @param error expected calibration error of what comes out, 0 to 1
     */
    record Confidence(double temperature, double error) {}

    /** @param score empty where nobody knows it */
    ModelCard(Found found, Optional<Score> score) {
        this.ref = found.ref();
        this.about = found.checkpoint().metadata();
        this.score = score;
    }

    /**
     * The page.
     *
     * @param name of the exported file
     */
    String text(Format format, boolean folded, String name) {
        Network network = about.network();
        return String.join(
                "\n",
                "# " + ref.checkpointId(),
                "",
                network.name() + " that tells " + network.classes() + " classes of `" + about.dataset()
                        + "` apart, trained by Millrace; `" + name + "` holds it as " + is(format)
                        + (folded ? ", BatchNorm folded into the convolutions." : "."),
                "",
                "## Use",
                "",
                "Input: float32 `[N," + network.inputChannels() + "," + about.height() + "," + about.width()
                        + "]`, any N, normalized. Output: logits float32 `[N," + network.classes()
                        + "]`; `softmax` makes probabilities of them.",
                "Pictures were learnt as " + pictures(),
                "",
                "```python",
                Usage.of(format, folded, about, name),
                "```",
                "",
                "Classes, in the order of the logits:",
                "",
                "```json",
                json(about.classes()),
                "```",
                "",
                "## How good it is",
                "",
                accuracy(),
                "",
                "## Where it comes from",
                "",
                origin(),
                "",
                "## Licence",
                "",
                "None is stated: what the images, and weights that it may have started from, may be used for is not known"
                        + " to Millrace.",
                "");
    }

    private String pictures() {
        return switch (about.input()) {
            case INK -> "`ink`: light marks on a dark ground, scaled and centred by their mass.";
            case PHOTO -> "`photo`: the shorter side scaled to the input's, the centre cut out.";
        };
    }

    private static String is(Format format) {
        return switch (format) {
            case SAFETENSORS -> "weights in safetensors, under torchvision's names";
            case TORCHSCRIPT -> "TorchScript";
            case ONNX -> "ONNX";
        };
    }

    private String accuracy() {
        StringJoiner lines = new StringJoiner("\n");
        lines.add(score.map(known -> String.format(
                        Locale.ROOT,
                        "- Test split of `%s`: accuracy %.2f %%, cross entropy %.4f.",
                        about.dataset(),
                        100 * known.accuracy(),
                        known.loss()))
                .orElse(
                        "- Test split: not known here; `./millrace status` says it while the stack of this run runs, and an"
                                + " export then writes it here."));
        score.ifPresent(known -> lines.add(known.confidence()
                .map(calibrated -> String.format(
                        Locale.ROOT,
                        "- Confidence: `(logits / %.4f).softmax(1)` is calibrated: its expected calibration error on the test"
                                + " split is %.4f.",
                        calibrated.temperature(),
                        calibrated.error()))
                .orElse("- Confidence: not calibrated; a probability of 0.9 may mean less, or more.")));
        about.validated()
                .ifPresent(said -> lines.add(String.format(
                        Locale.ROOT,
                        "- Validation split, which the run was decided by: accuracy %.2f %%, cross entropy %.4f.",
                        100 * said.accuracy(),
                        said.loss())));
        return lines.toString();
    }

    private String origin() {
        StringJoiner lines = new StringJoiner("\n");
        lines.add("- Checkpoint `" + ref.checkpointId() + "`, SHA-256 `" + ref.sha256() + "`.");
        lines.add("- Run `" + about.runId() + "`: " + about.step() + " steps, " + about.samples()
                + " samples, in its epoch " + about.epoch() + ".");
        lines.add(
                "- Data set `" + about.dataset() + "`, digest of its training split `" + about.datasetDigest() + "`.");
        lines.add("- Network: `" + json(about.network()) + "`.");
        lines.add(
                about.recipe() == null
                        ? "- Recipe: not said in checkpoints of that version."
                        : "- Recipe: `" + about.recipe() + "`.");
        lines.add(
                about.start() == null
                        ? "- It started from fresh weights."
                        : "- It started from `" + about.start().weights() + "` (SHA-256 `"
                                + about.start().sha256() + "`): "
                                + (about.start().adaptations().isEmpty()
                                        ? "as they are"
                                        : String.join("; ", about.start().adaptations()))
                                + ".");
        if (about.average() != null) {
            lines.add("- Its parameters are an exponential moving average over the steps up to `"
                    + about.average().checkpointId() + "`, decay "
                    + about.average().decay() + ".");
        }
        if (about.compute() != null) {
            lines.add("- Computed: `" + json(about.compute()) + "`.");
        }
        return lines.toString();
    }

    private static String json(Object value) {
        return new String(EventCodec.encode(value), UTF_8);
    }
}
