// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

/**
 * A file that mirrors have, gzipped.
 *
 * @param name without {@code .gz}
 * @param sha256 of its uncompressed content, hex
 */
record RemoteFile(String name, String sha256) {
    /** As mirrors and the cache call it. */
    String zippedName() {
        return name + ".gz";
    }
}
