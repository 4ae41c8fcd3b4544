// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.millrace.http.JsonFault;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.image.PictureReader;
import io.millrace.inference.decode.ImageSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The images of a JSON document: one, {@code {"image": …}} or {@code {"pixels": …}}, or several, {@code {"instances": […]}}, each an object
 * as before, an object {@code {"b64": …}}, a file in base64, or rows of numbers. {@link JsonPixels} has what an image may be. Of other members
 * those are kept that somebody asks for. Not thread-safe.
 */
public final class JsonImages {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private static final String EXPECTED = "{\"image\": \"<base64>\"} or {\"pixels\": [[…], …]}";

    private final JsonParser json;
    private final JsonPixels single;
    private final Set<String> kept;
    private final Map<String, String> more = new HashMap<>();
    private List<JsonPixels> instances;

    private JsonImages(JsonParser json, Set<String> kept) {
        this.json = json;
        this.kept = kept;
        this.single = new JsonPixels(json, "");
    }

    /**
     * Reads a document, but no files that stand in it.
     *
     * @param kept names of further members, texts, numbers or truths, that are kept
     * @throws PictureException naming the place that is wrong, as a JSON pointer
     */
    public static JsonImages read(byte[] document, Set<String> kept) throws PictureException {
        if (document.length == 0) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "the body is empty; " + EXPECTED + " is expected, or {\"instances\": […]} of such");
        }
        try (JsonParser json = JSON.createParser(document)) {
            JsonImages read = new JsonImages(json, kept);
            read.document();
            return read;
        } catch (JsonProcessingException e) {
            throw new PictureException(Reason.MALFORMED, "the body is not JSON: " + JsonFault.words(e), e);
        } catch (IOException e) {
            throw new PictureException(Reason.MALFORMED, "the body is not JSON: " + e.getMessage(), e);
        }
    }

    private void document() throws IOException, PictureException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw refused("the body has to be an object, " + EXPECTED);
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String member = json.currentName();
            JsonToken value = json.nextToken();
            if (member.equals("instances")) {
                instances(value);
            } else if (kept.contains(member)) {
                keep(member, value);
            } else if (!single.takes(member, value)) {
                json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new PictureException(Reason.MALFORMED, "the body is not JSON: something follows the object");
        }
        if (instances != null && !single.isEmpty()) {
            throw refused("\"instances\" stands beside an image; put all of them into \"instances\"");
        }
    }

    private void keep(String member, JsonToken value) throws IOException, PictureException {
        if (!value.isScalarValue() || value == JsonToken.VALUE_NULL) {
            throw refused("\"" + member + "\" has to be a text, a number, true or false");
        }
        if (more.put(member, json.getText()) != null) {
            throw refused("\"" + member + "\" stands twice");
        }
    }

    private void instances(JsonToken value) throws IOException, PictureException {
        if (instances != null) {
            throw refused("\"instances\" stands twice");
        }
        if (value != JsonToken.START_ARRAY) {
            throw refused("\"instances\" has to be a list of images");
        }
        instances = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            instances.add(JsonPixels.instance(json, "/instances/" + instances.size() + ": "));
        }
        if (instances.isEmpty()) {
            throw refused("\"instances\" is empty");
        }
    }

    /** Further members that were kept, as they were written. */
    public Map<String, String> more() {
        return more;
    }

    /** Whether they stand in a list, and are to be answered as one. */
    public boolean several() {
        return instances != null;
    }

    /** The images, in their order. */
    public List<ImageSource> sources(int maxPixels, PictureReader reader) {
        return (several() ? instances : List.of(single))
                .stream()
                        .<ImageSource>map(image -> (input, gate) -> image.fitted(maxPixels, reader, input, gate))
                        .toList();
    }

    private static PictureException refused(String why) {
        return new PictureException(Reason.UNREADABLE, why);
    }
}
