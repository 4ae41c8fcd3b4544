// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A tensor as bytes in memory, little-endian; of BYTES each element after its length in four bytes. */
final class RawTensor {
    private RawTensor() {}

    /**
     * What is in it.
     *
     * @param bytes all of the tensor and nothing else; not copied
     * @param count of elements that its shape wants
     */
    static Contents read(Datatype datatype, ByteBuffer bytes, int count) throws PictureException {
        ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (datatype == Datatype.BYTES) {
            return new Contents.Files(files(data, count));
        }
        if (data.remaining() != (long) count * datatype.size()) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "the binary data has " + data.remaining() + " bytes; " + count + " values of " + datatype + " have "
                            + (long) count * datatype.size());
        }
        return new Contents.Numbers(count, index -> datatype.at(data, index));
    }

    private static List<byte[]> files(ByteBuffer data, int count) throws PictureException {
        List<byte[]> files = new ArrayList<>();
        while (data.hasRemaining()) {
            if (data.remaining() < Integer.BYTES) {
                throw cut(files.size() + 1, "its length");
            }
            int length = data.getInt();
            if (length < 0 || length > data.remaining()) {
                throw cut(
                        files.size() + 1,
                        Integer.toUnsignedString(length) + " bytes, as announced; " + data.remaining() + " are there");
            }
            byte[] file = new byte[length];
            data.get(file);
            files.add(file);
        }
        if (files.size() != count) {
            throw new PictureException(
                    Reason.MALFORMED, "the binary data has " + files.size() + " elements; the shape wants " + count);
        }
        return files;
    }

    private static PictureException cut(int number, String missing) {
        return new PictureException(
                Reason.MALFORMED,
                "element " + number + " of the binary data lacks " + missing
                        + ": an element of BYTES is its length, four bytes little-endian, and then itself");
    }
}
