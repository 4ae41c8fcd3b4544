// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.safetensors;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Weights as {@code torch.save} writes them. They are recognised in order to be refused: reading a pickle may run whatever
 * program its author put into it (<a href="https://docs.python.org/3/library/pickle.html">pickle's own warning</a>).
 */
public final class PickledWeights {
    /** What to do instead. */
    public static final String REMEDY =
            "safetensors; a pickle may hold programs and is never read. Two lines of Python convert it: import torch, safetensors.torch"
                    + " ⏎ safetensors.torch.save_file(torch.load(\"weights.pth\", map_location=\"cpu\","
                    + " weights_only=True), \"weights.safetensors\")";

    private static final Pattern NAME = Pattern.compile(".*\\.(pth|pt|pkl|pickle|bin|ckpt|tar)");
    /** Of a zip archive, as torch has written since 1.6. */
    private static final int ZIP = 0x504b0304;
    /** The first operation of a pickle of protocol 2 or higher, which is followed by the protocol. */
    private static final byte PROTOCOL = (byte) 0x80;

    private PickledWeights() {}

    /** Whether a file is named like one. */
    public static boolean isNamedSo(String file) {
        return NAME.matcher(file.toLowerCase(Locale.ROOT)).matches();
    }

    /** Whether some bytes begin like one. */
    public static boolean is(ByteBuffer bytes) {
        ByteBuffer head = bytes.slice();
        return head.remaining() >= Integer.BYTES
                && (head.getInt(0) == ZIP || head.get(0) == PROTOCOL && head.get(1) >= 2 && head.get(1) <= 5);
    }
}
