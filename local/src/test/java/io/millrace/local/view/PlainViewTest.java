// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.stack.Part;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Samples;
import io.millrace.local.watch.ServedVersion;
import io.millrace.local.watch.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlainViewTest {
    private final Ticker clock = new Ticker();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final View view = new PlainView(new PrintStream(bytes, false, UTF_8), clock);

    private String text() {
        return bytes.toString(UTF_8);
    }

    @Test
    void anEventIsALineWithItsTime() {
        clock.pass(Duration.ofMillis(2_300));

        view.show(new Event.PartChanged(Part.BROKER, Event.Health.READY, ""));
        view.show(new Event.PartChanged(Part.TRAINER, Event.Health.RESTARTING, "was ended by signal 9"));
        view.show(new Event.Evaluated(Samples.standing("quick-1", 5, 0.9924, false)));
        view.show(new Event.Promoted(Samples.standing("quick-1", 5, 0.9924, true)));
        view.show(new Event.Serving(new ServedVersion("strokes", "quick-1-0-step-5")));

        assertThat(text()).isEqualTo("""
                     2.3 s  kafka              ready
                     2.3 s  trainer-service    crashed: was ended by signal 9
                     2.3 s  evaluated  quick-1-0-step-5: accuracy 99.24 %, loss 0.0500
                     2.3 s  promoted   quick-1-0-step-5 as strokes
                     2.3 s  serving    strokes, version quick-1-0-step-5
                """);
    }

    @Test
    void whatTheValidationSplitSaysAndWhyARunEndsEarlyIsShown() {
        view.show(new Event.Trained(Samples.stopped(3)));

        assertThat(text())
                .contains("step 3/5  epoch 1/1  812 images/s  loss 0.1235  validation 0.0912, 97.31 %  stopped early");
        assertThat(Samples.stopped(3).fraction()).isEqualTo(1);
    }

    @Test
    void theRunIsDescribed() {
        view.show(new Event.RunKnown(Samples.RUN));

        assertThat(text())
                .contains(
                        "quick-1: strokes (640 training images, 100 test), resnet18, recipe quick, 1 epoch, batch 128")
                .contains("5 steps");
    }

    @Test
    void progressIsToldEveryFewSecondsAndAtTheEnd() {
        for (long step = 1; step <= 4; step++) {
            view.show(new Event.Trained(Samples.training(step, "running")));
            clock.pass(Duration.ofSeconds(2));
        }
        view.show(new Event.Trained(Samples.training(5, "finished")));

        assertThat(text()).isEqualTo("""
                     0.0 s  training   step 1/5  epoch 1/1  812 images/s  loss 0.1235  ETA 1:01
                     6.0 s  training   step 4/5  epoch 1/1  812 images/s  loss 0.1235  ETA 1:01
                     8.0 s  training   step 5/5  epoch 1/1  812 images/s  loss 0.1235
                """);
    }

    @Test
    void whatOneCanDoNowIsSaidWithACommand() {
        view.show(open(Optional.of(
                new Event.Sample("curl -F file=@/home/me/.millrace/sample.png http://127.0.0.1:8080/classify", "7"))));

        assertThat(text())
                .contains("POST http://127.0.0.1:8080/classify")
                .contains("shows 7")
                .contains("  curl -F file=@/home/me/.millrace/sample.png http://127.0.0.1:8080/classify\n");
    }

    @Test
    void withoutAPictureTheAddressesAreSaidAllTheSame() {
        view.show(open(Optional.empty()));

        assertThat(text()).contains("POST http://127.0.0.1:8081/runs").doesNotContain("try it");
    }

    private static Event.Open open(Optional<Event.Sample> sample) {
        return new Event.Open(
                URI.create("http://127.0.0.1:8080"),
                URI.create("http://127.0.0.1:8081"),
                URI.create("http://127.0.0.1:8083/leaderboard"),
                sample);
    }
}
