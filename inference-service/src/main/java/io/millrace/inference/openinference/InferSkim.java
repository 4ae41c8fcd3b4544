// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.inference.openinference.proto.InferTensorContents;
import io.millrace.inference.openinference.proto.ModelInferRequest;
import io.millrace.inference.openinference.proto.ModelInferRequest.InferInputTensor;
import io.millrace.inference.registry.WantedModel;
import java.io.IOException;

/**
 * Looks through a {@link ModelInferRequest} before it is parsed. Parsed, it may take fifty times its bytes, two of which are an input; so
 * what is not the tensor's values has few bytes, whatever it says. Keeps nothing of it.
 */
final class InferSkim {
    /** Names, shapes, parameters; and what files in {@code bytes_contents} have before them, two bytes at least. */
    static final int BESIDE_VALUES = 1 << 16;

    /** Bytes of whole numbers, each of which may be a number, which has eight in memory, and more while their list grows. */
    static final int WHOLE_NUMBERS = 8 << 20;

    private static final int WIRE_TYPE = 7;

    private static final int NAME = bytes(ModelInferRequest.MODEL_NAME_FIELD_NUMBER);
    private static final int VERSION = bytes(ModelInferRequest.MODEL_VERSION_FIELD_NUMBER);
    private static final int INPUTS = bytes(ModelInferRequest.INPUTS_FIELD_NUMBER);
    private static final int OUTPUTS = bytes(ModelInferRequest.OUTPUTS_FIELD_NUMBER);
    private static final int RAW = bytes(ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER);
    private static final int CONTENTS = bytes(InferInputTensor.CONTENTS_FIELD_NUMBER);
    private static final int FILES = bytes(InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER);

    private final CodedInputStream in;
    private final boolean deep;
    private int values;
    private int varints;

    private InferSkim(CodedInputStream in, boolean deep) {
        this.in = in;
        this.deep = deep;
    }

    private static int bytes(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /**
     * Which model is asked. Inputs are passed over: it takes microseconds, however long the message.
     *
     * @throws PictureException when the message has more than any request needs
     * @throws InvalidProtocolBufferException when it is none
     */
    static WantedModel wanted(CodedInputStream in) throws IOException, PictureException {
        return new InferSkim(in, false).message();
    }

    /** Refuses what would take much more memory than the message does; looks into inputs, too, so it takes its time. */
    static void requireParsable(CodedInputStream in) throws IOException, PictureException {
        new InferSkim(in, true).message();
    }

    private WantedModel message() throws IOException, PictureException {
        ByteString name = ByteString.EMPTY;
        ByteString version = ByteString.EMPTY;
        int inputs = 0;
        int outputs = 0;
        int raw = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == NAME) {
                name = in.readBytes();
            } else if (tag == VERSION) {
                version = in.readBytes();
            } else if (tag == INPUTS) {
                requireAtMost(1, ++inputs, "inputs; one is needed, \"" + InputTensor.IMAGE + "\"");
                input();
            } else if (tag == OUTPUTS) {
                requireAtMost(RequestedOutput.ALL.size(), ++outputs, "outputs; there are no more");
                in.skipField(tag);
            } else if (tag == RAW) {
                requireAtMost(1, ++raw, "raw_input_contents; there is one for the one input, or none");
                skipValues();
            } else {
                skip(tag);
            }
            requireShort();
        }
        return GrpcCalls.wanted(name.toStringUtf8(), version.toStringUtf8());
    }

    private void input() throws IOException, PictureException {
        if (!deep) {
            skipValues();
            return;
        }
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == CONTENTS) {
                contents();
            } else {
                skip(tag);
            }
            requireShort();
        }
        in.popLimit(outer);
    }

    private void contents() throws IOException, PictureException {
        int outer = in.pushLimit(in.readRawVarint32());
        int begin = in.getTotalBytesRead();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == FILES) {
                skipValues();
            } else {
                skip(tag);
                if (isNumbers(tag)) {
                    values += in.getTotalBytesRead() - begin;
                    requireFew(tag, in.getTotalBytesRead() - begin);
                }
            }
            requireShort();
            begin = in.getTotalBytesRead();
        }
        in.popLimit(outer);
    }

    /** Packed, or one by one. Of another type it is a field that nobody knows, which becomes an object. */
    private static boolean isNumbers(int tag) {
        int field = WireFormat.getTagFieldNumber(tag);
        int type = tag & WIRE_TYPE;
        int single =
                switch (field) {
                    case InferTensorContents.FP32_CONTENTS_FIELD_NUMBER -> WireFormat.WIRETYPE_FIXED32;
                    case InferTensorContents.FP64_CONTENTS_FIELD_NUMBER -> WireFormat.WIRETYPE_FIXED64;
                    default -> WireFormat.WIRETYPE_VARINT;
                };
        return field < InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER
                && (type == single || type == WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    private void skip(int tag) throws IOException {
        // A group is skipped field by field, however long; this protocol has none.
        if ((tag & WIRE_TYPE) == WireFormat.WIRETYPE_START_GROUP || !in.skipField(tag)) {
            throw new InvalidProtocolBufferException("it has a group, which no version of the protocol knows");
        }
    }

    private void skipValues() throws IOException {
        int length = in.readRawVarint32();
        in.skipRawBytes(length);
        values += length;
    }

    private void requireFew(int tag, int length) throws PictureException {
        varints += WireFormat.getTagFieldNumber(tag) < InferTensorContents.FP32_CONTENTS_FIELD_NUMBER ? length : 0;
        if (varints > WHOLE_NUMBERS) {
            throw new PictureException(
                    Reason.TOO_LARGE,
                    "the contents have more than " + WHOLE_NUMBERS
                            + " bytes of whole numbers; send so many values in raw_input_contents");
        }
    }

    private void requireShort() throws PictureException {
        if (in.getTotalBytesRead() - values > BESIDE_VALUES) {
            throw new PictureException(
                    Reason.TOO_LARGE,
                    "the message has more than " + BESIDE_VALUES
                            + " bytes beside the values of its input; names, shape,"
                            + " parameters and the lengths of files have to be shorter");
        }
    }

    private static void requireAtMost(int most, int count, String what) throws PictureException {
        if (count > most) {
            throw new PictureException(Reason.MALFORMED, "there are more than " + most + " " + what);
        }
    }
}
