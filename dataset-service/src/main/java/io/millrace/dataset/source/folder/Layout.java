// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.contracts.batch.Split;
import io.millrace.dataset.source.Contents.Skipped;
import io.millrace.dataset.source.DatasetUnavailableException;
import java.util.List;

/**
 * Which file shows what.
 *
 * @param kind how that was found out, for people
 * @param classes names of the classes, in the order of Java's strings, as torchvision's ImageFolder has them
 * @param items files that are meant to be pictures, in the order of their paths
 * @param skipped what belongs to the data but cannot be used
 * @param notes what else should be known
 */
record Layout(String kind, List<String> classes, List<Item> items, List<Skipped> skipped, List<String> notes) {
    /**
     * A file that is meant to be a picture.
     *
     * @param file where it is
     * @param label index of its class
     * @param split null: it is drawn
     */
    record Item(FileTree.Entry file, int label, Split split) {}

    /**
     * Finds out, by a table of labels beside the pictures or by the folders that they lie in.
     *
     * @throws DatasetUnavailableException when it is neither, or there are no two classes
     */
    static Layout of(FileTree tree, String place) throws DatasetUnavailableException {
        Layout layout =
                LabelTable.in(tree).isPresent() ? LabelTable.layout(tree, place) : ClassFolders.layout(tree, place);
        if (layout.classes().size() < 2) {
            String found = layout.classes().isEmpty()
                    ? "no folders with pictures"
                    : "only one class with pictures, \"" + layout.classes().get(0) + "\"";
            throw new DatasetUnavailableException(place + " has " + found
                    + "; put the pictures of each of two or more classes into a folder of its own, or lay a CSV file with"
                    + " the columns file and label beside them, and set millrace.dataset.data-dir (--data-dir) to where"
                    + " they are");
        }
        return layout;
    }
}
