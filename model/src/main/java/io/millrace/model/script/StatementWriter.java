// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.script;

import java.util.Locale;

/** Writes TorchScript statements, one a value. Not thread-safe. */
public final class StatementWriter {
    /** torch's number of bfloat16. */
    private static final int BFLOAT16 = 15;

    private static final String INDENT = "    ";

    private final boolean bf16;
    private final StringBuilder statements = new StringBuilder();
    private int values;

    /** @param bf16 whether convolutions and products compute in bfloat16 */
    public StatementWriter(boolean bf16) {
        this.bf16 = bf16;
    }

    /**
     * A value that others are made of.
     *
     * @param name of the variable
     * @param overwritable whether nobody needs it any more after its one reader
     */
    public record Operand(String name, boolean overwritable) {
        /** The suffix of operators that work in place, where that is allowed. */
        public String inPlace() {
            return overwritable ? "_" : "";
        }
    }

    /** Writes the statement that makes a value; returns the name of the variable. Locales do not matter. */
    public String value(String expression, Object... arguments) {
        String name = "v" + values++;
        statements
                .append(INDENT)
                .append(name)
                .append(" = ")
                .append(String.format(Locale.ROOT, expression, arguments))
                .append('\n');
        return name;
    }

    /** An attribute as an operand of a convolution or a product, in their number format. */
    public String operand(String attribute) {
        return bf16 ? "torch.to(self." + attribute + ", " + BFLOAT16 + ")" : "self." + attribute;
    }

    /** What was written, indented by four blanks. */
    public String statements() {
        return statements.toString();
    }
}
