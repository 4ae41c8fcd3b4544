// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import java.util.Optional;

/**
 * Which model a request asks for. Immutable.
 *
 * @param name under which it was promoted; empty: whichever is served
 * @param version id of its checkpoint; empty: whichever is served
 */
public record WantedModel(Optional<String> name, Optional<String> version) {
    /** Characters of a name that are shown: what a client sends may have any length. */
    private static final int LONGEST = 200;

    /** Whichever is served. */
    public static final WantedModel ANY = new WantedModel(Optional.empty(), Optional.empty());

    /** A model by its name, in whichever version is served. */
    public static WantedModel named(String name) {
        return new WantedModel(Optional.of(name), Optional.empty());
    }

    /** A version of a model. */
    public static WantedModel of(String name, String version) {
        return new WantedModel(Optional.of(name), Optional.of(version));
    }

    boolean is(ModelCard card) {
        return name.map(card.name()::equals).orElse(true)
                && version.map(card.version()::equals).orElse(true);
    }

    @Override
    public String toString() {
        return "\"" + shown(name.orElse("")) + "\""
                + version.map(each -> " in version \"" + shown(each) + "\"").orElse("");
    }

    private static String shown(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }
}
