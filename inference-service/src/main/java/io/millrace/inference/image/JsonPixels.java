// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadingGate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * One image of a JSON document: {@code {"image": "<base64>"}}, the bytes of a file, as a browser's data URL or without its head; or
 * {@code {"pixels": …}} with numbers from 0 to 255: rows {@code [H][W]} of grey, or {@code [C][H][W]}, or
 * {@code [H][W][C]}, C being 1 or 3. Where both of the latter fit, it is {@code [C][H][W]}. Fractions are rounded, unless no
 * number is above 1: then they run from 0 to 1, since a picture that has 1 for its lightest of 255 is black. Other members
 * are passed over. Values are read one by one into bytes: a tree would take fifty times the memory.
 */
final class JsonPixels {
    private static final int MAX_RANK = 3;
    private static final int MAX_VALUE = 255;

    private final JsonParser json;
    /** For what is said of it when the document was read. */
    private final String place;

    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    /** The values if they run from 0 to 1; null when one was above. */
    private ByteArrayOutputStream fractions = new ByteArrayOutputStream();

    private String image;
    private final int[] shape = new int[MAX_RANK];
    private int rank;

    JsonPixels(JsonParser json, String place) {
        this.json = json;
        this.place = place;
    }

    /** The one that the parser stands at, in a list of images. */
    static JsonPixels instance(JsonParser json, String place) throws IOException, PictureException {
        JsonPixels read = new JsonPixels(json, place);
        switch (json.currentToken()) {
            case START_ARRAY -> read.list(0);
            case VALUE_STRING -> read.image = json.getText();
            case START_OBJECT -> read.object();
            default ->
                throw refused(read.here() + " has to be an image: a file in base64, rows of numbers, or an object with"
                        + " \"image\" or \"pixels\"");
        }
        return read;
    }

    private void object() throws IOException, PictureException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String member = json.currentName();
            JsonToken value = json.nextToken();
            if (!takes(member.equals("b64") ? "image" : member, value)) {
                json.skipChildren();
            }
        }
    }

    /** Whether a member is of the image; then it was read. */
    boolean takes(String member, JsonToken value) throws IOException, PictureException {
        boolean pixels = member.equals("pixels");
        boolean file = member.equals("image");
        if (file && rank > 0 || pixels && image != null) {
            throw refused("\"image\" and \"pixels\" both stand there; one is needed");
        } else if (file && image != null) {
            throw refused("\"image\" stands twice");
        } else if (pixels && rank > 0) {
            throw refused("\"pixels\" stands twice");
        } else if (pixels && value != JsonToken.START_ARRAY) {
            throw refused("\"pixels\" has to be a list of rows");
        } else if (pixels) {
            list(0);
        } else if (file && value == JsonToken.VALUE_STRING) {
            image = json.getText();
        } else if (file) {
            throw refused("\"image\" has to be the bytes of a file in base64");
        }
        return pixels || file;
    }

    boolean isEmpty() {
        return image == null && rank == 0;
    }

    /**
     * The picture, as a network takes it.
     *
     * @param maxPixels largest width × height that is taken
     * @param gate asked before a picture is decoded
     */
    Fitted fitted(int maxPixels, PictureReader reader, Fitting fitting, ReadingGate gate) throws PictureException {
        try {
            if (image != null) {
                return reader.read(EncodedFile.decode(image, "\"image\""), fitting, gate);
            }
            Picture picture = grid();
            if (picture.plane() > maxPixels) {
                throw PictureException.tooManyPixels("\"pixels\"", picture.width(), picture.height(), maxPixels);
            }
            gate.enter(picture.plane());
            return fitting.fit(picture);
        } catch (PictureException e) {
            throw place.isEmpty() ? e : new PictureException(e.reason(), place + e.getMessage(), e);
        }
    }

    private void list(int level) throws IOException, PictureException {
        int size = 0;
        for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (token == JsonToken.START_ARRAY && level + 1 < (rank == 0 ? MAX_RANK : rank)) {
                list(level + 1);
            } else if (token.isNumeric() && (rank == 0 || rank == level + 1)) {
                rank = level + 1;
                values.write(value());
            } else {
                throw refused(
                        here() + (token.isNumeric() ? " is a number where a list" : " is not a number") + unlike());
            }
            size++;
        }
        if (size == 0) {
            throw refused(here() + " is empty");
        } else if (shape[level] != 0 && shape[level] != size) {
            throw refused(here() + " has " + size + " entries, the lists before it have " + shape[level]);
        }
        shape[level] = size;
    }

    private String unlike() {
        return rank == 0 ? "" : "; the numbers before it stand " + rank + " lists deep";
    }

    private int value() throws IOException, PictureException {
        double value = json.getDoubleValue();
        if (!(value >= 0 && value <= MAX_VALUE)) {
            throw refused(here() + " is " + json.getText() + ", not from 0 to 255");
        }
        if (value > 1) {
            fractions = null;
        } else if (fractions != null) {
            fractions.write((int) Math.round(value * MAX_VALUE));
        }
        return (int) Math.round(value);
    }

    private Picture grid() throws PictureException {
        byte[] samples = (fractions == null ? values : fractions).toByteArray();
        switch (rank) {
            case 0 ->
                throw refused((place.isEmpty() ? "the body" : "it")
                        + " has neither \"image\", a file in base64, nor \"pixels\", rows of numbers");
            case 1 -> throw refused("\"pixels\" is a list of numbers; a list of rows is needed");
            case 2 -> {
                return new Picture(1, shape[0], shape[1], samples);
            }
            default -> {
                if (channels(shape[0])) {
                    return new Picture(shape[0], shape[1], shape[2], samples);
                } else if (channels(shape[2])) {
                    return new Picture(shape[2], shape[0], shape[1], planar(samples, shape[2]));
                }
                throw refused("\"pixels\" is " + shape[0] + " x " + shape[1] + " x " + shape[2]
                        + "; the first or the last has to be 1 or 3 channels");
            }
        }
    }

    private static boolean channels(int size) {
        return size == 1 || size == 3;
    }

    private static byte[] planar(byte[] interleaved, int channels) {
        int plane = interleaved.length / channels;
        byte[] planar = new byte[interleaved.length];
        for (int i = 0; i < interleaved.length; i++) {
            planar[i % channels * plane + i / channels] = interleaved[i];
        }
        return planar;
    }

    private String here() {
        return json.getParsingContext().pathAsPointer().toString();
    }

    private static PictureException refused(String why) {
        return new PictureException(Reason.UNREADABLE, why);
    }
}
