// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A message of protobuf that is being written, field by field, by their numbers. Not thread-safe. */
final class Message {
    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    /** Writes a field. */
    private interface Field {
        void write() throws IOException;
    }

    private Message with(Field field) {
        try {
            field.write();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("a message cannot be written into memory", e);
        }
    }

    Message real(int field, double value) {
        return with(() -> out.writeDouble(field, value));
    }

    Message single(int field, float value) {
        return with(() -> out.writeFloat(field, value));
    }

    Message integer(int field, long value) {
        return with(() -> out.writeInt64(field, value));
    }

    Message flag(int field, boolean value) {
        return with(() -> out.writeBool(field, value));
    }

    Message text(int field, String value) {
        return with(() -> out.writeString(field, value));
    }

    Message bytes(int field, byte[] value) {
        return with(() -> out.writeByteArray(field, value));
    }

    Message message(int field, Message value) {
        return bytes(field, value.toBytes());
    }

    /** A repeated field of doubles. */
    Message reals(int field, double... values) {
        return with(() -> {
            out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(values.length * Double.BYTES);
            for (double value : values) {
                out.writeDoubleNoTag(value);
            }
        });
    }

    /** A repeated field of integers. */
    Message integers(int field, long... values) {
        for (long value : values) {
            integer(field, value);
        }
        return this;
    }

    byte[] toBytes() {
        with(out::flush);
        return bytes.toByteString().toByteArray();
    }
}
