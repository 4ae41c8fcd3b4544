// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.util.List;

/**
 * A network as TorchScript.
 *
 * @param statements from {@link #INPUT}, float or bf16 {@code [N,C,H,W]}, to {@link #logits}, indented by four blanks
 * @param weights what the statements use, as attributes of {@code self}
 */
public record Graph(String statements, List<Weight> weights) {
    /** Name of the value that the statements begin with. */
    public static final String INPUT = "image";

    /** Name of the value that they end with: float32 {@code [N,K]}. */
    public String logits() {
        String last = statements.stripTrailing();
        last = last.substring(last.lastIndexOf('\n') + 1).strip();
        return last.substring(0, last.indexOf(' '));
    }
}
