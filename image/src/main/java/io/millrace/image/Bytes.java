// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/** Bytes in a file. */
final class Bytes {
    private Bytes() {}

    /** Where some bytes stand first, from a place on; -1 where they do not. */
    static int find(byte[] file, byte[] wanted, int from) {
        for (int at = from; at <= file.length - wanted.length; at++) {
            int same = 0;
            while (same < wanted.length && file[at + same] == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return at;
            }
        }
        return -1;
    }
}
