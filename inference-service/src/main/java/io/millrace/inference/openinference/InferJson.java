// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.millrace.http.JsonFault;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.inference.image.EncodedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a request's body: JSON, and after it the binary data of those inputs that say so, in their order. Values are read one by one
 * into arrays: a tree would take fifty times the memory. What it does not know is passed over.
 */
final class InferJson {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final JsonParser json;
    /** What follows the JSON, from where the next input's data begins. */
    private final ByteBuffer binary;

    private Optional<String> id = Optional.empty();
    private boolean binaryOutput;
    private List<InputTensor> inputs;
    private final List<RequestedOutput> outputs = new ArrayList<>();

    private InferJson(JsonParser json, ByteBuffer binary) {
        this.json = json;
        this.binary = binary;
    }

    /**
     * Reads a body.
     *
     * @param length of the JSON, as {@code Inference-Header-Content-Length} has it; null: all of the body
     * @throws PictureException naming the place that is wrong, as a JSON pointer
     */
    static InferRequest read(byte[] body, String length) throws PictureException {
        int end = length == null ? body.length : end(body, length);
        if (end == 0) {
            throw malformed("the body is empty; {\"inputs\": [{\"name\": \"" + InputTensor.IMAGE
                    + "\", \"datatype\": …, \"shape\": […], \"data\": […]}]} is expected");
        }
        try (JsonParser json = JSON.createParser(body, 0, end)) {
            return new InferJson(json, ByteBuffer.wrap(body, end, body.length - end)).request();
        } catch (JsonProcessingException e) {
            throw new PictureException(
                    Reason.MALFORMED, "the body is not JSON: " + JsonFault.words(e) + beyond(length), e);
        } catch (IOException e) {
            throw new PictureException(Reason.MALFORMED, "the body is not JSON: " + e.getMessage(), e);
        }
    }

    private static int end(byte[] body, String length) throws PictureException {
        if (!length.matches("\\d{1,10}") || Long.parseLong(length) > body.length) {
            throw malformed(OpenInferenceResource.HEADER_LENGTH + " is \"" + length
                    + "\"; it must be how many bytes of the body are JSON, of " + body.length + " at most");
        }
        return Integer.parseInt(length);
    }

    private static String beyond(String length) {
        return length == null
                ? ""
                : " (" + OpenInferenceResource.HEADER_LENGTH + " says that its first " + length + " bytes are)";
    }

    private InferRequest request() throws IOException, PictureException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw malformed("the body has to be an object with \"inputs\"");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String member = json.currentName();
            json.nextToken();
            switch (member) {
                case "id" -> id = Optional.of(text());
                case "parameters" -> parameters();
                case "inputs" -> inputs();
                case "outputs" -> outputs();
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw malformed("something follows the JSON; binary data does after as many bytes of JSON as "
                    + OpenInferenceResource.HEADER_LENGTH + " says");
        }
        if (inputs == null) {
            throw malformed("the body has no \"inputs\"");
        }
        if (binary.hasRemaining()) {
            throw malformed(binary.remaining()
                    + " bytes follow the data of all inputs; each input with binary data says how many bytes it has, in"
                    + " its parameter binary_data_size");
        }
        return InferRequest.of(id, inputs, outputs, binaryOutput);
    }

    private void parameters() throws IOException, PictureException {
        Parameters all = Parameters.read(this);
        binaryOutput = all.binaryOutput;
    }

    /** Those that mean something here. */
    private static final class Parameters {
        private boolean binaryOutput;
        private Optional<Boolean> binaryData = Optional.empty();
        private long binarySize = -1;
        private long classification;

        private static Parameters read(InferJson from) throws IOException, PictureException {
            Parameters read = new Parameters();
            from.require(JsonToken.START_OBJECT, "an object");
            while (from.json.nextToken() != JsonToken.END_OBJECT) {
                String name = from.json.currentName();
                from.json.nextToken();
                switch (name) {
                    case "binary_data_output" -> read.binaryOutput = from.flag();
                    case "binary_data" -> read.binaryData = Optional.of(from.flag());
                    case "binary_data_size" -> read.binarySize = from.count();
                    case "classification" -> read.classification = from.count();
                    default -> from.json.skipChildren();
                }
            }
            return read;
        }
    }

    private void inputs() throws IOException, PictureException {
        if (inputs != null) {
            throw malformed("\"inputs\" stands twice");
        }
        inputs = new ArrayList<>();
        require(JsonToken.START_ARRAY, "a list of inputs");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (!inputs.isEmpty()) {
                throw malformed(here() + " is one input too many; one is needed, \"" + InputTensor.IMAGE + "\"");
            }
            require(JsonToken.START_OBJECT, "an object");
            inputs.add(input());
        }
    }

    private InputTensor input() throws IOException, PictureException {
        String place = here();
        String name = null;
        String datatype = null;
        long[] shape = null;
        Parameters parameters = new Parameters();
        TensorData data = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String member = json.currentName();
            json.nextToken();
            switch (member) {
                case "name" -> name = text();
                case "datatype" -> datatype = text();
                case "shape" -> shape = shape();
                case "parameters" -> parameters = Parameters.read(this);
                case "data" -> data = TensorData.read(this);
                default -> json.skipChildren();
            }
        }
        if (name == null || datatype == null || shape == null) {
            throw malformed(place + " has no \"" + (name == null ? "name" : datatype == null ? "datatype" : "shape")
                    + "\"; an input has name, datatype, shape and data");
        }
        Datatype type = Datatype.of(datatype);
        int count = InputTensor.elements(name, shape);
        if (data != null && parameters.binarySize >= 0 || data == null && parameters.binarySize < 0) {
            throw malformed(place + " has " + (data == null ? "neither" : "both") + " \"data\" "
                    + (data == null ? "nor" : "and")
                    + " the parameter binary_data_size; one of them says where its values are");
        }
        return new InputTensor(
                name,
                type,
                shape,
                data == null
                        ? RawTensor.read(type, binary(place, parameters.binarySize), count)
                        : data.contents(place, type, shape));
    }

    private ByteBuffer binary(String place, long size) throws PictureException {
        if (size > binary.remaining()) {
            throw malformed(place + " has binary data of " + size + " bytes, and " + binary.remaining()
                    + " are left after the JSON; " + OpenInferenceResource.HEADER_LENGTH
                    + " says how many bytes of the body are JSON, and the data follows");
        }
        ByteBuffer data = binary.slice().limit((int) size);
        binary.position(binary.position() + (int) size);
        return data;
    }

    private void outputs() throws IOException, PictureException {
        require(JsonToken.START_ARRAY, "a list of outputs");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (outputs.size() == RequestedOutput.ALL.size()) {
                throw malformed(here() + " is one output too many; ask for each once");
            }
            require(JsonToken.START_OBJECT, "an object");
            String place = here();
            String name = null;
            Parameters parameters = new Parameters();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String member = json.currentName();
                json.nextToken();
                switch (member) {
                    case "name" -> name = text();
                    case "parameters" -> parameters = Parameters.read(this);
                    default -> json.skipChildren();
                }
            }
            if (name == null) {
                throw malformed(place + " has no \"name\"");
            }
            outputs.add(RequestedOutput.of(name, parameters.binaryData, parameters.classification));
        }
    }

    private long[] shape() throws IOException, PictureException {
        require(JsonToken.START_ARRAY, "a list of numbers");
        List<Long> shape = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (shape.size() == TensorData.DEEPEST) {
                throw malformed(here() + " is one dimension too many; pixels have four at most");
            }
            shape.add(count());
        }
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    private String text() throws IOException, PictureException {
        require(JsonToken.VALUE_STRING, "a string");
        return json.getText();
    }

    private boolean flag() throws IOException, PictureException {
        if (json.currentToken() != JsonToken.VALUE_TRUE && json.currentToken() != JsonToken.VALUE_FALSE) {
            throw malformed(here() + " has to be true or false");
        }
        return json.getBooleanValue();
    }

    private long count() throws IOException, PictureException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || json.getLongValue() < 0) {
            throw malformed(here() + " has to be a whole number, 0 or more");
        }
        return json.getLongValue();
    }

    private void require(JsonToken token, String kind) throws PictureException {
        if (json.currentToken() != token) {
            throw malformed(here() + " has to be " + kind);
        }
    }

    private String here() {
        return json.getParsingContext().pathAsPointer().toString();
    }

    private static PictureException malformed(String why) {
        return new PictureException(Reason.MALFORMED, why);
    }

    /** Values that stand in the JSON: in one list, or in lists as the shape has them. */
    private static final class TensorData {
        private static final int DEEPEST = 8;

        private float[] numbers = new float[64];
        private int count;
        private final List<byte[]> files = new ArrayList<>();
        private final long[] lengths = new long[DEEPEST];
        private int depth;

        private static TensorData read(InferJson from) throws IOException, PictureException {
            TensorData data = new TensorData();
            from.require(JsonToken.START_ARRAY, "a list");
            data.list(from, 0);
            return data;
        }

        private void list(InferJson from, int level) throws IOException, PictureException {
            int size = 0;
            for (JsonToken token = from.json.nextToken(); token != JsonToken.END_ARRAY; token = from.json.nextToken()) {
                if (token == JsonToken.START_ARRAY && level + 1 < (depth == 0 ? DEEPEST : depth)) {
                    list(from, level + 1);
                } else if (token.isScalarValue() && (depth == 0 || depth == level + 1)) {
                    depth = level + 1;
                    value(from, token);
                } else {
                    throw malformed(
                            from.here() + " stands where the values before it do not; data is one list, or lists as"
                                    + " deep as the shape is long");
                }
                size++;
            }
            if (lengths[level] != 0 && lengths[level] != size) {
                throw malformed(from.here() + " has " + size + " entries, the lists before it have " + lengths[level]);
            }
            lengths[level] = size;
        }

        private void value(InferJson from, JsonToken token) throws IOException, PictureException {
            if (token.isNumeric() && files.isEmpty()) {
                if (count == numbers.length) {
                    numbers = Arrays.copyOf(numbers, 2 * count);
                }
                numbers[count] = from.json.getFloatValue();
                count++;
            } else if (token == JsonToken.VALUE_STRING && count == 0) {
                files.add(EncodedFile.decode(from.json.getText(), from.here()));
            } else {
                throw malformed(from.here() + " has to be a number, or in a tensor of BYTES a file in base64");
            }
        }

        private Contents contents(String place, Datatype type, long[] shape) throws PictureException {
            if (depth > 1 && !Arrays.equals(shape, Arrays.copyOf(lengths, depth))) {
                throw malformed(place + "/data has the shape " + Arrays.toString(Arrays.copyOf(lengths, depth))
                        + ", and \"shape\" is " + Arrays.toString(shape));
            }
            if (count == 0 && files.isEmpty()) {
                throw malformed(place + "/data is empty");
            }
            if ((type == Datatype.BYTES) != (count == 0)) {
                throw malformed(place + "/data has " + (count == 0 ? "texts" : "numbers") + ", and \"datatype\" is "
                        + type + "; " + Datatype.BYTES + " are files of images in base64, the others numbers");
            }
            float[] values = numbers;
            return type == Datatype.BYTES ? new Contents.Files(files) : new Contents.Numbers(count, k -> values[k]);
        }
    }
}
