// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import java.util.Locale;
import java.util.Map;

/**
 * What a terminal can show.
 *
 * @param color whether it may be coloured
 * @param unicode whether it shows more than ASCII
 */
public record Paint(boolean color, boolean unicode) {
    private static final int BAR = 24;

    /** As the environment says: {@code NO_COLOR}, and the character set of the locale. */
    public static Paint of(Map<String, String> environment) {
        String locale = "";
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            locale = locale.isEmpty() ? environment.getOrDefault(name, "") : locale;
        }
        String lower = locale.toLowerCase(Locale.ROOT);
        return new Paint(
                environment.getOrDefault("NO_COLOR", "").isEmpty(), lower.contains("utf-8") || lower.contains("utf8"));
    }

    String green(String text) {
        return colored(32, text);
    }

    String yellow(String text) {
        return colored(33, text);
    }

    String red(String text) {
        return colored(31, text);
    }

    String bold(String text) {
        return colored(1, text);
    }

    String dim(String text) {
        return colored(2, text);
    }

    private String colored(int code, String text) {
        return color ? "\033[" + code + "m" + text + "\033[0m" : text;
    }

    /** A bar that is filled to a part, 0 to 1. */
    String bar(double fraction) {
        int full = (int) Math.round(BAR * fraction);
        String done = (unicode ? "━" : "=").repeat(full);
        String rest = (unicode ? "─" : "-").repeat(BAR - full);
        return green(done) + dim(rest);
    }

    /** A mark before a line. */
    String dot() {
        return unicode ? "●" : "*";
    }
}
