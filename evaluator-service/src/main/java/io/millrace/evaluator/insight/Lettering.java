// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import java.awt.Font;
import java.awt.font.FontRenderContext;

/** Whether text can be drawn here: small images of systems come without fonts, and Java without its own. */
final class Lettering {
    private Lettering() {}

    /**
     * Tries it.
     *
     * @throws InsightUnavailableException when it cannot, with the remedy; that lasts as long as the process, since Java
     *     looks for fonts once
     */
    static void require() {
        require(() -> new Font(Font.SANS_SERIF, Font.PLAIN, 12)
                .getStringBounds("0", new FontRenderContext(null, true, true)));
    }

    /** The same by a trial of one's own. */
    static void require(Runnable trial) {
        try {
            trial.run();
        } catch (RuntimeException | InternalError | LinkageError e) {
            throw InsightUnavailableException.unequipped(
                    "plots need fonts, and there are none on this machine (" + e + ")",
                    "Install some (Debian, Ubuntu: apt install fontconfig fonts-dejavu-core) and restart the"
                            + " evaluator-service",
                    e);
        }
    }
}
