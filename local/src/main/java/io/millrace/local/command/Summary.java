// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.report.Report;
import java.util.Locale;

/** A report in one line. */
final class Summary {
    private Summary() {}

    static String of(Report report) {
        return String.format(
                Locale.ROOT,
                "%s: best accuracy %.2f %% (%s); %d samples in %.1f s, %.0f images/s, %s; waited for data %.1f %%%s",
                report.runId(),
                100 * report.best().accuracy(),
                report.best().checkpointId(),
                report.samples(),
                report.trainSeconds(),
                report.imagesPerSecond(),
                report.compute().precision().name().toLowerCase(Locale.ROOT),
                100 * report.waitRatio(),
                report.reason() == null ? "" : "; " + report.reason());
    }
}
