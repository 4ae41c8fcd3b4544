// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Kinds of elements that are taken, by the protocol's names. */
enum Datatype {
    UINT8(1) {
        @Override
        double at(ByteBuffer data, int index) {
            return data.get(index) & 0xff;
        }
    },
    INT32(Integer.BYTES) {
        @Override
        double at(ByteBuffer data, int index) {
            return data.getInt(index * Integer.BYTES);
        }
    },
    INT64(Long.BYTES) {
        @Override
        double at(ByteBuffer data, int index) {
            return data.getLong(index * Long.BYTES);
        }
    },
    FP32(Float.BYTES) {
        @Override
        double at(ByteBuffer data, int index) {
            return data.getFloat(index * Float.BYTES);
        }
    },
    FP64(Double.BYTES) {
        @Override
        double at(ByteBuffer data, int index) {
            return data.getDouble(index * Double.BYTES);
        }
    },
    /** Files, each as long as it is. */
    BYTES(0) {
        @Override
        double at(ByteBuffer data, int index) {
            throw new IllegalStateException("BYTES are no numbers");
        }
    };

    private final int size;

    Datatype(int size) {
        this.size = size;
    }

    static Datatype of(String name) throws PictureException {
        return Arrays.stream(values())
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new PictureException(
                                Reason.MALFORMED,
                                "datatype \"" + name
                                        + "\" is not taken; pixels are UINT8, FP32, FP64, INT32 or INT64, and files of images BYTES"));
    }

    /** Bytes of an element; 0 where they differ. */
    int size() {
        return size;
    }

    boolean whole() {
        return this != FP32 && this != FP64;
    }

    /** An element of a tensor in memory, counted from 0. */
    abstract double at(ByteBuffer data, int index);
}
