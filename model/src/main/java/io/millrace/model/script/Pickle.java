// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The few opcodes of pickle protocol 2 that a module needs. */
final class Pickle {
    private static final int PROTOCOL = 0x80;
    private static final int NEW_TRUE = 0x88;
    private static final int NEW_FALSE = 0x89;
    private static final int NEW_OBJECT = 0x81;
    private static final int LONG1 = 0x8a;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickle() {
        out.write(PROTOCOL);
        out.write(2);
    }

    Pickle global(String module, String name) {
        out.write('c');
        out.writeBytes((module + '\n' + name + '\n').getBytes(UTF_8));
        return this;
    }

    Pickle mark() {
        out.write('(');
        return this;
    }

    /** Everything since the last mark. */
    Pickle tuple() {
        out.write('t');
        return this;
    }

    Pickle emptyTuple() {
        out.write(')');
        return this;
    }

    Pickle emptyDict() {
        out.write('}');
        return this;
    }

    /** Puts the pairs since the last mark into the dictionary below it. */
    Pickle setItems() {
        out.write('u');
        return this;
    }

    /** Calls the function below with the tuple on top. */
    Pickle reduce() {
        out.write('R');
        return this;
    }

    Pickle newObject() {
        out.write(NEW_OBJECT);
        return this;
    }

    /** Gives the object below the state on top. */
    Pickle build() {
        out.write('b');
        return this;
    }

    /** A reference to something outside the pickle, described by the tuple on top. */
    Pickle persistentId() {
        out.write('Q');
        return this;
    }

    Pickle bool(boolean value) {
        out.write(value ? NEW_TRUE : NEW_FALSE);
        return this;
    }

    Pickle string(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        out.write('X');
        out.writeBytes(little(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
        return this;
    }

    Pickle integer(long value) {
        if (value == (int) value) {
            out.write('J');
            out.writeBytes(little(4).putInt((int) value).array());
        } else {
            out.write(LONG1);
            out.write(8);
            out.writeBytes(little(8).putLong(value).array());
        }
        return this;
    }

    byte[] stop() {
        out.write('.');
        return out.toByteArray();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
