// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.safetensors;

import java.io.IOException;

/** Bytes that are not safetensors; {@link #reason()} names what is wrong with them, the message says it in full. */
public final class MalformedSafetensorsException extends IOException {
    /** What can be wrong. */
    public enum Reason {
        /** Fewer than the eight bytes of the header length. */
        TOO_SHORT,
        /** The header is longer than the format's limit of 100 MB. */
        HEADER_TOO_LARGE,
        /** The header is longer than the bytes there are. */
        HEADER_TRUNCATED,
        /** The header does not begin with an opening brace. */
        HEADER_NOT_OBJECT,
        /** The header is not valid JSON, or not of the form that the format asks for. */
        HEADER_NOT_JSON,
        /** A name stands twice. */
        DUPLICATE_NAME,
        /** A metadata value is no string. */
        BAD_METADATA,
        /** The element type is unknown. */
        UNKNOWN_DTYPE,
        /** A size is negative, or the product of them is too large. */
        BAD_SHAPE,
        /** Offsets run backwards, or do not fit type and shape. */
        BAD_OFFSETS,
        /** Two tensors share bytes, or bytes belong to none. */
        NOT_CONTIGUOUS,
        /** There are fewer or more bytes than the header describes. */
        WRONG_DATA_LENGTH,
        /** A tensor that the reader needs is not there. */
        MISSING_TENSOR
    }

    private final Reason reason;

    public MalformedSafetensorsException(Reason reason, String detail) {
        super("malformed safetensors (" + reason + "): " + detail);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
