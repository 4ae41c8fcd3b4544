// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.image.ImageDecoder;
import io.millrace.inference.image.ImageException;
import io.millrace.inference.image.ImageException.Reason;
import io.millrace.inference.image.ImageFitter;
import io.millrace.inference.image.PixelGrid;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jboss.resteasy.reactive.server.multipart.FormValue;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/** The files of a form. Fields that are no files are passed over. */
final class UploadedFiles {
    private UploadedFiles() {}

    /** One source per file, in the order of the form as far as fields of one name go. */
    static List<ImageSource> of(MultipartFormDataInput form, ImageDecoder decoder) throws ImageException {
        List<ImageSource> files = new ArrayList<>();
        for (Collection<FormValue> values : form.getValues().values()) {
            for (FormValue value : values) {
                if (value.isFileItem()) {
                    int number = files.size() + 1;
                    files.add(input -> fitted(value, number, decoder, input));
                }
            }
        }
        if (files.isEmpty()) {
            throw new ImageException(Reason.MALFORMED, "the form has no file; one is sent by curl -F file=@digit.png");
        }
        return files;
    }

    private static PixelGrid fitted(FormValue value, int number, ImageDecoder decoder, ImageFitter input)
            throws ImageException {
        try (InputStream in = value.getFileItem().getInputStream()) {
            return decoder.decode(in.readAllBytes(), input::fit);
        } catch (ImageException e) {
            throw new ImageException(e.reason(), "file " + number + name(value) + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("an uploaded file cannot be read back", e);
        }
    }

    private static String name(FormValue value) {
        return value.getFileName() == null ? "" : " (" + value.getFileName() + ")";
    }
}
