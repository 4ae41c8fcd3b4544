// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.board.Change.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeLogTest {
    private final ChangeLog log = new ChangeLog();

    private static List<String> values(ChangeLog.Read read) {
        return read.changes().stream().map(Change::value).toList();
    }

    @Test
    void whoComesLateGetsTheLatestOfEachThingInOrder() {
        // Given
        log.put(Kind.RUN, "a", "1");
        log.put(Kind.RUN, "b", "2");
        log.put(Kind.STATUS, "a", "3");
        log.put(Kind.RUN, "a", "4");

        // When
        ChangeLog.Read read = log.after(0, 10);

        // Then
        assertThat(values(read)).containsExactly("2", "3", "4");
        assertThat(read.more()).isFalse();
        assertThat(log.after(read.version(), 10).changes()).isEmpty();
    }

    @Test
    void whatIsMuchComesInParts() {
        // Given
        for (int k = 0; k < 5; k++) {
            log.put(Kind.POINT, "p" + k, Integer.toString(k));
        }

        // When
        ChangeLog.Read first = log.after(0, 2);
        ChangeLog.Read second = log.after(first.version(), 2);
        ChangeLog.Read third = log.after(second.version(), 2);

        // Then
        assertThat(values(first)).containsExactly("0", "1");
        assertThat(values(second)).containsExactly("2", "3");
        assertThat(values(third)).containsExactly("4");
        assertThat(List.of(first.more(), second.more(), third.more())).containsExactly(true, true, false);
    }

    @Test
    void aSlowReaderMissesWhatWasReplacedAndNothingElse() {
        // Given
        log.put(Kind.STATUS, "a", "1");
        long seen = log.after(0, 10).version();

        // When
        log.put(Kind.STATUS, "a", "2");
        log.put(Kind.STATUS, "b", "3");
        log.put(Kind.STATUS, "a", "4");

        // Then
        assertThat(values(log.after(seen, 10))).containsExactly("3", "4");
    }

    @Test
    void whatIsGoneIsToldAndWhatIsForgottenIsNot() {
        // Given
        log.put(Kind.RUN, "a", "1");
        log.put(Kind.POINT, "p", "2");
        long seen = log.after(0, 10).version();

        // When
        log.remove(Kind.RUN, "a");
        log.remove(Kind.RUN, "never there");
        log.forget(Kind.POINT, "p");

        // Then
        assertThat(log.after(seen, 10).changes()).containsExactly(new Change(Kind.RUN, "a", null));
        assertThat(log.after(0, 10).changes()).containsExactly(new Change(Kind.RUN, "a", null));
    }

    @Test
    void ofWhatIsGoneTheLatestIsRememberedAndNoMore() {
        // Given
        for (int k = 0; k <= ChangeLog.MOST_GONE; k++) {
            log.put(Kind.RUN, "run-" + k, "{}");
        }

        // When
        for (int k = 0; k <= ChangeLog.MOST_GONE; k++) {
            log.remove(Kind.RUN, "run-" + k);
            log.remove(Kind.RUN, "run-" + k);
        }

        // Then
        assertThat(log.after(0, Integer.MAX_VALUE).changes())
                .hasSize(ChangeLog.MOST_GONE)
                .noneMatch(change -> change.id().equals("run-0"))
                .allMatch(change -> change.value() == null);
    }
}
