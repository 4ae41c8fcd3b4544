// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.inference.image.ImageException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Reads {@code {"pixels": …}} with numbers from 0 to 255: rows {@code [H][W]} of grey, or {@code [C][H][W]}, or
 * {@code [H][W][C]}, C being 1 or 3. Where both of the latter fit, it is {@code [C][H][W]}. Fractions are rounded. Other
 * members are passed over. Values are read one by one into bytes: a tree would take fifty times the memory.
 */
public final class JsonPixels {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_RANK = 3;
    private static final int MAX_VALUE = 255;

    private final JsonParser json;
    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    private final int[] shape = new int[MAX_RANK];
    private int rank;

    private JsonPixels(JsonParser json) {
        this.json = json;
    }

    /**
     * The image in a JSON document.
     *
     * @param maxPixels largest width × height that is taken
     * @throws ImageException naming the place that is wrong, as a JSON pointer
     */
    public static PixelGrid parse(byte[] document, int maxPixels) throws ImageException {
        try (JsonParser json = JSON.createParser(document)) {
            PixelGrid image = new JsonPixels(json).document();
            if (image.plane() > maxPixels) {
                throw ImageException.tooManyPixels("\"pixels\"", image.width(), image.height(), maxPixels);
            }
            return image;
        } catch (JsonProcessingException e) {
            throw new ImageException(Reason.MALFORMED, "the body is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ImageException(Reason.MALFORMED, "the body is not JSON: " + e.getMessage(), e);
        }
    }

    private PixelGrid document() throws IOException, ImageException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw refused("the body has to be an object, {\"pixels\": [[…], …]}");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            boolean pixels = json.currentName().equals("pixels");
            JsonToken value = json.nextToken();
            if (pixels && rank > 0) {
                throw refused("\"pixels\" stands twice");
            } else if (pixels && value != JsonToken.START_ARRAY) {
                throw refused("\"pixels\" has to be a list of rows");
            } else if (pixels) {
                list(0);
            } else {
                json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new ImageException(Reason.MALFORMED, "the body is not JSON: something follows the object");
        }
        return grid();
    }

    private void list(int level) throws IOException, ImageException {
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

    private int value() throws IOException, ImageException {
        double value = json.getDoubleValue();
        if (!(value >= 0 && value <= MAX_VALUE)) {
            throw refused(here() + " is " + json.getText() + ", not from 0 to 255");
        }
        return (int) Math.round(value);
    }

    private PixelGrid grid() throws ImageException {
        byte[] samples = values.toByteArray();
        switch (rank) {
            case 0 -> throw refused("the body has no \"pixels\"");
            case 1 -> throw refused("\"pixels\" is a list of numbers; a list of rows is needed");
            case 2 -> {
                return new PixelGrid(1, shape[0], shape[1], samples);
            }
            default -> {
                if (channels(shape[0])) {
                    return new PixelGrid(shape[0], shape[1], shape[2], samples);
                } else if (channels(shape[2])) {
                    return new PixelGrid(shape[2], shape[0], shape[1], planar(samples, shape[2]));
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

    private static ImageException refused(String why) {
        return new ImageException(Reason.UNREADABLE, why);
    }
}
