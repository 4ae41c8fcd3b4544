// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a client asks.
 *
 * @param id that the answer is to have
 * @param input the images
 * @param outputs at least one
 * @param binary whether outputs that do not say otherwise are to follow the JSON as bytes
 */
record InferRequest(Optional<String> id, InputTensor input, List<RequestedOutput> outputs, boolean binary) {
    /**
     * A request of so many inputs.
     *
     * @param inputs has to be one
     * @param outputs none: all that there are
     */
    static InferRequest of(Optional<String> id, List<InputTensor> inputs, List<RequestedOutput> outputs, boolean binary)
            throws PictureException {
        if (inputs.size() != 1) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "there are " + inputs.size() + " inputs"
                            + inputs.stream()
                                    .map(InputTensor::name)
                                    .collect(Collectors.joining("\", \"", " (\"", "\")"))
                                    .replace(" (\"\")", "")
                            + "; one is needed, \"" + InputTensor.IMAGE + "\"");
        }
        long names = outputs.stream().map(RequestedOutput::name).distinct().count();
        if (names < outputs.size()) {
            throw new PictureException(Reason.MALFORMED, "an output stands twice; ask for each once");
        }
        return new InferRequest(id, inputs.get(0), outputs.isEmpty() ? RequestedOutput.ALL : outputs, binary);
    }

    /** What an answer needs of it; values may be many. */
    InferRequest withoutValues() {
        InputTensor named =
                new InputTensor(input.name(), input.datatype(), input.shape(), new Contents.Files(List.of()));
        return new InferRequest(id, named, outputs, binary);
    }

    boolean isBinary(RequestedOutput output) {
        return output.binary().orElse(binary);
    }
}
