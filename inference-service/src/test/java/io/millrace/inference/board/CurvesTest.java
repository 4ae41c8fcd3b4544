// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.MetricPoint;
import io.millrace.inference.board.Change.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurvesTest {
    private final ChangeLog log = new ChangeLog();
    private final Curves curves = new Curves(log, 2, 8);

    private void add(String incarnation, long step) {
        curves.add(
                new MetricPoint(
                        "run", incarnation, step, 1, step, 0.5, 0.5, 0.1, 100, 0, 1, 0, null, null, Instant.EPOCH),
                Long.toString(step));
    }

    private List<String> ids() {
        return log.after(0, 1_000).changes().stream()
                .filter(change -> change.value() != null)
                .map(Change::id)
                .toList();
    }

    @Test
    void aLongCurveKeepsItsEndsAndStaysSmall() {
        // When
        for (int step = 1; step <= 1_000; step++) {
            add("a", step);
        }

        // Then
        assertThat(ids()).hasSizeLessThanOrEqualTo(8).contains("a/1", "a/1000");
    }

    @Test
    void aStepThatIsTrainedAgainReplacesItsPoint() {
        // When
        add("a", 1);
        add("a", 2);
        add("a", 1);

        // Then
        assertThat(ids()).containsExactly("a/2", "a/1");
    }

    @Test
    void theCurveThatWasHeardOfLeastLatelyMakesRoom() {
        // When
        add("a", 1);
        add("b", 1);
        add("a", 2);
        add("c", 1);

        // Then
        assertThat(ids()).containsExactly("a/1", "a/2", "c/1");
    }

    @Test
    void pointsOfARemovedRunAreGoneAndReadersAreTold() {
        // Given
        add("a", 1);
        add("a", 2);
        long seen = log.after(0, 10).version();

        // When
        curves.remove("a/1");
        curves.remove("unknown/1");

        // Then
        assertThat(ids()).containsExactly("a/2");
        assertThat(log.after(seen, 10).changes()).containsExactly(new Change(Kind.POINT, "a/1", null));
    }
}
