// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import java.util.Base64;

/** Pieces of pages. */
final class Html {
    private Html() {}

    /** A text as it may stand in an element, and in an attribute's quotes. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A PNG file within the page. */
    static String data(byte[] png, String description) {
        return "<img src=\"" + address(png) + "\" alt=\"" + escaped(description) + "\">";
    }

    /** As {@link #data(byte[], String)}: one for a light page, and one for a dark one. */
    static String data(byte[] light, byte[] dark, String description) {
        return "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"" + address(dark) + "\">"
                + data(light, description) + "</picture>";
    }

    private static String address(byte[] png) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }
}
