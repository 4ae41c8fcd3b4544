// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.download;

import java.io.IOException;

/** A file has more bytes than are taken of it. To ask again would bring the same. */
public final class TooLargeException extends IOException {
    TooLargeException(long most) {
        super("it has more than " + most + " bytes");
    }
}
