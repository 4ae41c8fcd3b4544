// SPDX-License-Identifier: Apache-2.0

/**
 * Data sets of one's own pictures: a directory, a zip or a tar of them. {@code FileTree} lists and reads files wherever they
 * lie, {@code Layout} says which shows what, {@code Survey} reads all of them once, {@code PictureFolder} is the data set.
 */
package io.millrace.dataset.source.folder;
