// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.contracts.event.ImageShape;
import io.millrace.inference.registry.ModelCard;
import java.util.List;

/**
 * What a client needs to know of a model.
 *
 * @param name under which it was promoted
 * @param versions ids of checkpoints that can be asked for: the one that is served, then the one before
 * @param platform what its network is described as
 * @param inputs the one there is, in its handiest form; it is taken as floating-point numbers and as files, too
 * @param outputs all that there are
 */
public record ModelMetadata(
        String name,
        List<String> versions,
        String platform,
        List<TensorMetadata> inputs,
        List<TensorMetadata> outputs) {
    private static final String PLATFORM = "onnx_onnxv1";
    private static final long ANY = -1;

    /**
     * A tensor.
     *
     * @param shape -1 stands for any length
     */
    public record TensorMetadata(String name, String datatype, List<Long> shape) {}

    /**
     * The metadata of a model.
     *
     * @param loaded all that can be asked for
     */
    static ModelMetadata of(ModelCard card, List<ModelCard> loaded) {
        ImageShape shape = card.input().shape();
        return new ModelMetadata(
                card.name(),
                loaded.stream()
                        .filter(each -> each.name().equals(card.name()))
                        .map(ModelCard::version)
                        .toList(),
                PLATFORM,
                List.of(new TensorMetadata(
                        InputTensor.IMAGE,
                        Datatype.UINT8.name(),
                        List.of(ANY, (long) shape.channels(), (long) shape.height(), (long) shape.width()))),
                List.of(
                        new TensorMetadata(RequestedOutput.PROBABILITIES, Datatype.FP32.name(), List.of(ANY, (long)
                                card.classes().size())),
                        new TensorMetadata(RequestedOutput.LABEL, Datatype.BYTES.name(), List.of(ANY))));
    }
}
