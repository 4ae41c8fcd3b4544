// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.test.ServiceProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast the page is, by Chromium's own metrics. It reports and judges nothing: {@code benchmarks/page}, which says how often
 * ({@code -Dpage.repetitions}).
 */
@EnabledIfSystemProperty(named = "page.repetitions", matches = "[1-9][0-9]*")
class PageFiguresIT {
    private static final int POINTS = 10_000;
    private static final int FRAMES = 100;

    /** "Training" once more, with a run of so many points instead of what the service tells; resolved when it is drawn. */
    private static final String LONG_RUN = """
            const [points, done] = arguments;
            const shown = document.getElementById('training');
            const view = shown.cloneNode(true);
            shown.after(view);
            shown.remove();
            const spec = {runId: 'long', createdAt: new Date().toISOString(), model: 'm', seed: 1, shards: 1,
              dataset: {name: 'd'}, network: {name: 'n'}, recipe: {name: 'r', epochs: 1}};
            const point = step => ({incarnation: 'long', step, loss: 2 / Math.sqrt(step) + Math.sin(step) / 50,
              accuracy: 1 - 1 / Math.sqrt(step), learningRate: 0.1 * (1 - step / 20000), imagesPerSecond: 1000 + 50 * Math.sin(step)});
            const things = {
              run: [{spec, incarnation: 'long', steps: 20000}],
              status: [{runId: 'long', state: 'running', step: points, samples: 64 * points, imagesPerSecond: 1000,
                updatedAt: new Date(Date.now() + 3600e3).toISOString()}],
              point: Array.from({length: points}, (_, k) => point(k + 1))};
            const listeners = [];
            const events = {refused: null, problem: null, follows: true, complete: true, all: kind => things[kind] ?? [],
              get: kind => things[kind]?.[0], whenChanged: listener => listeners.push(listener)};
            window.another = () => {
              things.point.push(point(things.point.length + 1));
              listeners.forEach(listener => listener(new Set(['point'])));
            };
            import('/page/training/training.js').then(({training}) => {
              training(view, events).show();
              const look = () => view.querySelectorAll('.chart canvas').length === 4 ? requestAnimationFrame(() => done()) : requestAnimationFrame(look);
              look();
            });""";

    /** A point more in each of so many frames; the time from each frame to the next one in ms. */
    private static final String GROW = """
            const [frames, done] = arguments;
            const times = [];
            const next = time => {
              times.push(time);
              if (times.length > frames) {
                done(times.slice(1).map((each, k) => each - times[k]));
              } else {
                window.another();
                requestAnimationFrame(next);
              }
            };
            requestAnimationFrame(next);""";

    @TempDir
    Path checkpoints;

    @Test
    void whatItTakesToPaintAndToDraw() {
        int repetitions = Integer.getInteger("page.repetitions");
        List<Double> paints = new ArrayList<>();
        List<Double> work = new ArrayList<>();
        List<Double> slowest = new ArrayList<>();
        try (ServiceProcess service = ServiceProcess.start(
                                "127.0.0.1:1",
                                Map.of("millrace.inference.grpc-port", "0"),
                                "-Dmillrace.checkpoints.uri=file:" + checkpoints,
                                "-Dmillrace.threads=1")
                        .awaitStatus("/q/health/live", 200);
                Browser browser = new Browser("about:blank")) {
            browser.command("Network.setCacheDisabled", Map.of("cacheDisabled", true));
            browser.command("Performance.enable", Map.of("timeDomain", "threadTicks"));
            for (int k = 0; k < repetitions; k++) {
                browser.open("about:blank");
                browser.open(service.uri() + "/#training");
                paints.add(number(browser.awaitValue(
                        "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime")));
                browser.runUntilDone(LONG_RUN, POINTS);
                double before = taskSeconds(browser);
                List<?> frames = (List<?>) browser.runUntilDone(GROW, FRAMES);
                work.add(1_000 * (taskSeconds(browser) - before) / FRAMES);
                slowest.add(frames.stream().mapToDouble(PageFiguresIT::number).max().orElseThrow());
            }
            assertThat(browser.complaints()).allMatch(said -> said.contains("503"));
        }
        System.out.printf("%-50s %s %9s %9s %9s%n", "chromium, ms", "n", "median", "min", "max");
        report("first contentful paint, nothing cached", paints);
        report("a frame's work, 10,000 points in 4 charts", work);
        report("from a frame to the next one, the longest of 100", slowest);
    }

    /** Processor time of the page's thread. */
    private static double taskSeconds(Browser browser) {
        Map<Object, Object> metrics = new HashMap<>();
        ((List<?>) browser.command("Performance.getMetrics", Map.of()).get("metrics"))
                .forEach(each -> metrics.put(((Map<?, ?>) each).get("name"), ((Map<?, ?>) each).get("value")));
        return number(metrics.get("TaskDuration"));
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    private static void report(String what, List<Double> values) {
        List<Double> sorted = values.stream().sorted().collect(Collectors.toList());
        System.out.printf(
                Locale.ROOT,
                "%-50s %d %9.1f %9.1f %9.1f%n",
                what,
                sorted.size(),
                sorted.get(sorted.size() / 2),
                sorted.get(0),
                sorted.get(sorted.size() - 1));
    }
}
