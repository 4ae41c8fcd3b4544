// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.ScriptModule.Tensors;
import java.nio.ByteBuffer;
import java.util.List;

/** Images as they travelled, as arguments of a call, with the scale and the zero point that make them a network's input. */
final class Pixels {
    private Pixels() {}

    /** The images of batches that are all of one form. */
    static Call add(Call call, List<ImageBatch> batches) {
        ImageBatch first = batches.get(0);
        int size = batches.stream().mapToInt(ImageBatch::size).sum();
        List<ByteBuffer> images = batches.stream().map(ImageBatch::images).toList();
        return add(call, first.encoding(), images, size, first.channels(), first.height(), first.width());
    }

    /** Images, one or several to a buffer. */
    static Call add(Call call, Encoding encoding, List<ByteBuffer> images, long... shape) {
        ByteBuffer bytes = ScriptModule.direct(
                images.stream().mapToInt(ByteBuffer::remaining).sum());
        images.forEach(image -> bytes.put(image.duplicate()));
        return encoding == Encoding.FLOAT32 ? call.floats(bytes.flip(), shape) : call.bytes(bytes.flip(), shape);
    }

    /** Scale and zero point per channel, on the device. */
    static Tensors affine(ScriptModule module, Normalization normalization, Encoding encoding) {
        int channels = normalization.channels();
        ByteBuffer scale = ScriptModule.direct(channels * Float.BYTES);
        ByteBuffer zeroPoint = ScriptModule.direct(channels * Float.BYTES);
        for (int channel = 0; channel < channels; channel++) {
            // Floats are normalized already; (x - 0) * 1 is x to the bit.
            boolean bytes = encoding == Encoding.UINT8;
            scale.putFloat(bytes ? normalization.scale().get(channel) : 1);
            zeroPoint.putFloat(bytes ? normalization.zeroPoint().get(channel) : 0);
        }
        List<Long> shape = List.of(1L, (long) channels, 1L, 1L);
        return Tensors.of(List.of(module.floats(scale.flip(), shape), module.floats(zeroPoint.flip(), shape)));
    }
}
