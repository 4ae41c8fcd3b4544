// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import io.millrace.local.watch.Event;
import io.millrace.local.watch.TrainerRun;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/** A line per event, each with the seconds since the start: for files, pipes and terminals without cursor. */
public final class PlainView implements View {
    private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(5);

    private final PrintStream out;
    private final Clock clock;
    private final Instant start;
    private Instant lastProgress = Instant.EPOCH;
    private TrainerRun shown;

    public PlainView(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
        this.start = clock.instant();
    }

    @Override
    public synchronized void show(Event event) {
        if (event instanceof Event.Trained trained) {
            progress(trained.run());
        }
        Lines.of(event).forEach(this::print);
    }

    private void progress(TrainerRun run) {
        boolean due = !clock.instant().isBefore(lastProgress.plus(BETWEEN_PROGRESS));
        boolean news = shown == null
                || run.epoch() != shown.epoch()
                || !run.state().equals(shown.state())
                || !Objects.equals(run.validation(), shown.validation());
        if (run.step() > 0 && (due || news)) {
            lastProgress = clock.instant();
            shown = run;
            print("training   " + Lines.progress(run));
        }
    }

    private void print(String line) {
        double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
        out.println(String.format(Locale.ROOT, "%8.1f s  %s", seconds, line));
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
