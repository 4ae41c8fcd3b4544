// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.TestBrokerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** "Training" in a real browser, with a real broker, from the first visit on. */
@QuarkusTest
@QuarkusTestResource(value = TestBrokerResource.class, restrictToAnnotatedClass = true)
class TrainingIT {
    @Inject
    KafkaConnection connection;

    @Inject
    ModelRegistry registry;

    @TestHTTPResource("/")
    String uri;

    private static long drawn(Browser browser, String chart) {
        return (long) browser.run(
                "const c = document.querySelector('#chart-' + arguments[0] + ' canvas'); return c ?"
                        + " c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter(v => v > 0).length : 0",
                chart);
    }

    @Test
    void whoComesWhileTheFirstNetworkLearnsSeesItGrowAndThenTriesIt() throws Exception {
        try (Events events = new Events(connection)) {
            // Given
            RunSpec first = events.ordered("first", 0.1);
            events.status("first", State.RUNNING, 10);
            for (int step = 1; step <= 10; step++) {
                events.point(first, step);
            }
            try (Browser browser = new Browser(uri)) {
                // Then
                browser.awaitText("#training-lead", "A network is learning");
                browser.awaitText("#runs", "10 of 100 steps, 3 s left");
                await().until(() -> drawn(browser, "loss") > 0);
                for (String scheme : List.of("light", "dark")) {
                    browser.prefer("prefers-color-scheme", scheme);
                    assertThat(browser.barriers()).as(scheme).isEmpty();
                }

                // When
                events.status("first", State.RUNNING, 50);

                // Then
                browser.awaitText("#runs", "50 of 100 steps");

                // When another one is laid over it
                RunSpec second = events.ordered("second", 0.2);
                events.status("second", State.STOPPED, 5);
                events.point(second, 5);
                browser.awaitText("#runs", "stopped");
                browser.find("[data-run=second]").click();
                browser.awaitText("#runs", "second");
                if (!browser.find("[data-run=first]").isSelected()) {
                    browser.find("[data-run=first]").click();
                }

                // Then
                browser.awaitText("#differences", "schedule.learningRate");
                browser.awaitText("#differences", "0.2");
                assertThat(browser.complaints()).isEmpty();

                // When
                events.promoted(first, 50, 0.9);
                browser.find("nav a[href='#models']").click();

                // Then
                browser.awaitText("#models-list", first.incarnation() + "-step-50 promoted");
                browser.awaitText("#models-list", "90.00 %");
                assertThat(browser.barriers()).isEmpty();
                browser.find("nav a[href='#training']").click();

                // When the service is lost and found
                browser.offline(true);
                browser.awaitText("#connection", "does not answer");
                events.status("first", State.FINISHED, 100);
                browser.offline(false);

                // Then
                browser.awaitText("#connection", "live");
                browser.awaitText("#runs", "finished");

                // When
                registry.serve(FakeModels.served("first-step-100", FakeModels.firstPixel()));

                // Then
                browser.awaitText("#served", "first-step-100");
                await().until(() -> browser.find("#trial").isDisplayed());
            }
        }
    }
}
