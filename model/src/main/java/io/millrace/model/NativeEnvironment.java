// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;

/**
 * Environment variables of this process as native libraries see them, which read some of their settings nowhere else.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/setenv.3.html">setenv(3)</a>
 */
final class NativeEnvironment {
    private NativeEnvironment() {}

    /**
     * To be called before the library is loaded that reads it.
     *
     * @return whether it is set now: not every platform has a function for it
     */
    static boolean setUnlessSet(String name, String value) {
        try {
            Function setenv = NativeLibrary.getProcess().getFunction("setenv");
            return setenv.invokeInt(new Object[] {name, value, 0}) == 0;
        } catch (LinkageError e) {
            return false;
        }
    }

    /** Its value; null when it is not set. */
    static String get(String name) {
        return NativeLibrary.getProcess().getFunction("getenv").invokeString(new Object[] {name}, false);
    }
}
