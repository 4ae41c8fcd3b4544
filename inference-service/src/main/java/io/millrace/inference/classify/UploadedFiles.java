// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadingGate;
import io.millrace.inference.decode.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.server.multipart.FormValue;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/** What is in a form: files, and what is chosen beside them. Other fields are passed over. */
final class UploadedFiles {
    private UploadedFiles() {}

    /** Fields by which a request chooses something; the last of a name. */
    static Map<String, String> choices(MultipartFormDataInput form) {
        Map<String, String> choices = new HashMap<>();
        form.getValues().forEach((name, values) -> values.stream()
                .filter(value -> Choices.NAMES.contains(name) && !value.isFileItem())
                .forEach(value -> choices.put(name, value.getValue())));
        return choices;
    }

    /**
     * Where a file stands.
     *
     * @param name of the file; null where it has none
     */
    record Place(String field, String name) {}

    /** Where the files stand, in the order of {@link #of}. */
    static List<Place> places(MultipartFormDataInput form) {
        List<Place> places = new ArrayList<>();
        form.getValues().forEach((field, values) -> values.stream()
                .filter(FormValue::isFileItem)
                .forEach(value -> places.add(new Place(field, value.getFileName()))));
        return places;
    }

    /** One source per file, in the order of the form as far as fields of one name go. */
    static List<ImageSource> of(MultipartFormDataInput form, PictureReader reader) throws PictureException {
        List<ImageSource> files = new ArrayList<>();
        for (Collection<FormValue> values : form.getValues().values()) {
            for (FormValue value : values) {
                if (value.isFileItem()) {
                    int number = files.size() + 1;
                    files.add((input, gate) -> fitted(value, number, reader, input, gate));
                }
            }
        }
        if (files.isEmpty()) {
            throw new PictureException(
                    Reason.MALFORMED, "the form has no file; one is sent by curl -F file=@digit.png");
        }
        return files;
    }

    private static Fitted fitted(FormValue value, int number, PictureReader reader, Fitting input, ReadingGate gate)
            throws PictureException {
        try (InputStream in = value.getFileItem().getInputStream()) {
            return reader.read(in.readAllBytes(), input, gate);
        } catch (PictureException e) {
            throw new PictureException(e.reason(), "file " + number + name(value) + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("an uploaded file cannot be read back", e);
        }
    }

    private static String name(FormValue value) {
        return value.getFileName() == null ? "" : " (" + value.getFileName() + ")";
    }
}
