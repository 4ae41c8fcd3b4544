// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import io.millrace.image.PictureException;
import java.util.List;

/** The images of a request, which is not looked at yet: how many there are is known when it is parsed. */
@FunctionalInterface
public interface ImageSources {
    /** One source for each, at least one. Asked once, on a thread that decodes. */
    List<ImageSource> open() throws PictureException;
}
