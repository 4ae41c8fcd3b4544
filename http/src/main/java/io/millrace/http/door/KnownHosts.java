// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names under which a service lets itself be asked to change something. A page of somebody else can have its own name
 * resolved to this machine (DNS rebinding); its requests then carry that name. An address is no such name: it cannot be
 * resolved to anything but itself. Immutable.
 */
final class KnownHosts {
    private static final String EVERY_NAME_BELOW = "*.";
    private static final Pattern NAME = Pattern.compile("(\\*\\.)?[a-z0-9_-]+(\\.[a-z0-9_-]+)*");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+(%\\w+)?]");

    private final List<String> names;

    /**
     * @param names beside {@code localhost}; {@code *.example.org} is every name below it
     * @throws IllegalArgumentException naming what is no such name
     */
    KnownHosts(List<String> names) {
        this.names = names.stream().map(KnownHosts::checked).toList();
    }

    private static String checked(String name) {
        String small = small(name.strip());
        if (!NAME.matcher(small).matches() && !ADDRESS.matcher(small).matches()) {
            throw new IllegalArgumentException("millrace.http.hosts=" + name
                    + " will not do; it must be a name as in a URL, without scheme, port and path: inference.example.org,"
                    + " or *.example.org for every name below example.org");
        }
        return small;
    }

    /** Whether a request with this {@code Host} may change something: a name or address, with or without a port. */
    boolean knows(String host) {
        String name = name(host);
        return name.equals("localhost")
                || ADDRESS.matcher(name).matches()
                || names.stream().anyMatch(known -> matches(known, name));
    }

    private static boolean matches(String known, String name) {
        return known.startsWith(EVERY_NAME_BELOW) ? name.endsWith(known.substring(1)) : known.equals(name);
    }

    private static String name(String host) {
        String small = small(host);
        int port = small.indexOf(':', small.lastIndexOf(']') + 1);
        String name = port < 0 ? small : small.substring(0, port);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static String small(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
