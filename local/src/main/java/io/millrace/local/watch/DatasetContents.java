// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What dataset-service's {@code GET /datasets/{name}} says was found in a data set.
 *
 * @param kind what it is
 * @param shape of the images as they are trained on, CxHxW
 * @param sizes of the pictures as they were found; null where nothing was fitted
 * @param classes with the number of their images
 * @param skippedFiles how many files were passed over
 * @param skipped the first of them
 * @param notes what else should be known
 */
public record DatasetContents(
        String kind,
        String shape,
        String sizes,
        List<OfClass> classes,
        int skippedFiles,
        List<Skipped> skipped,
        List<String> notes) {
    private static final int CLASSES = 12;
    private static final int FILES = 5;

    /** How many images of a class are trained and tested on. */
    public record OfClass(String name, int train, int test) {}

    /** A file that was passed over, and why. */
    public record Skipped(String file, String reason) {}

    /** For people, a few lines however much there is. */
    public List<String> lines(String name) {
        List<String> lines = new ArrayList<>();
        int train = classes.stream().mapToInt(OfClass::train).sum();
        int test = classes.stream().mapToInt(OfClass::test).sum();
        lines.add("found " + name + ": " + kind + ", " + classes.size() + " classes, " + train + " images to train and "
                + test + " to test on, " + shape + (sizes == null ? "" : " (as files " + sizes + ")"));
        String named = classes.stream()
                .limit(CLASSES)
                .map(of -> of.name() + " " + of.train() + "+" + of.test())
                .collect(Collectors.joining(", "));
        lines.add("  " + named + (classes.size() > CLASSES ? ", …" : ""));
        if (skippedFiles > 0) {
            lines.add("  skipped " + skippedFiles + (skippedFiles == 1 ? " file" : " files") + ":");
            skipped.stream().limit(FILES).forEach(file -> lines.add("    " + file.file() + ": " + file.reason()));
        }
        notes.forEach(note -> lines.add("  " + note));
        return lines;
    }
}
