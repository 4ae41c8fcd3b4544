// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.watch.Samples;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunReportTest {
    private static final EvaluationCompleted EARLY = Scored.evaluation(3, 0.6);
    private static final EvaluationCompleted BEST = Scored.evaluation(5, 0.8);
    private static final Pattern ADDRESS = Pattern.compile("(?:src|srcset|href)=\"(?!data:)([^\"]*)\"");

    private final RunRecord record = Scored.record(EARLY, BEST);
    private EvaluatorStandIn evaluator;

    @BeforeEach
    void start() throws Exception {
        evaluator = EvaluatorStandIn.of(BEST.checkpoint().checkpointId());
    }

    @AfterEach
    void stop() {
        evaluator.close();
    }

    private String page(int mistakes) throws Exception {
        return HtmlReport.of(Findings.of(record, evaluator.client(), 24), evaluator.client(), mistakes, Instant.EPOCH);
    }

    @Test
    void theLinesSayHowGoodTheBestCheckpointIsAndWhatItGetsWrong() throws Exception {
        assertThat(TerminalReport.lines(Findings.of(record, evaluator.client(), 10), evaluator.uri()))
                .contains(
                        "checkpoint  " + BEST.checkpoint().checkpointId()
                                + ", accuracy 80.00 %, loss 0.2500; the run is promoted as strokes",
                        "a table",
                        "calibration error 0.0100 over 15 bins",
                        "mistakes    2 of 10; the worst:",
                        "  sample 17      cat, taken for dog (90.0 %, and 5.0 % for cat)");
    }

    @Test
    void aRunThatWaitsForAWorkerIsNotCalledRunning() {
        RunStatus waits = Samples.STATUS.waitingFor("waits for a worker: x");
        RunRecord waiting = new RunRecord(record.run(), waits, record.points(), record.evaluations(), null);

        assertThat(waiting.state()).isEqualTo("waiting");
    }

    @Test
    void thePageNeedsNothingFromElsewhere() throws Exception {
        String page = page(24);

        assertThat(ADDRESS.matcher(page).results()).isEmpty();
        assertThat(page).doesNotContain("<script", "@import", "url(");
        assertThat(page).contains("default-src 'none'", "prefers-color-scheme: dark", "1 of 2: those");
        // Three plots, twice each for light and dark, and a mistake
        assertThat(page.split("data:image/png;base64,", -1)).hasSize(1 + 3 * 2 + 1);
    }

    @Test
    void namesOfClassesAreNoMarkup() throws Exception {
        assertThat(page(1))
                .doesNotContain(Scored.MARKUP)
                .contains("&lt;b&gt;&quot;dog&quot; &amp; &#39;co&#39;&lt;/b&gt;");
    }

    @Test
    void withoutWeightsTheRestIsReportedAndWhyThereAreNoMistakes() throws Exception {
        evaluator.refuse("/evaluations/" + BEST.checkpoint().checkpointId() + "/misclassified", 410);

        assertThat(page(24))
                .contains("They cannot be shown: the weights are gone")
                .contains("Class by class");
        assertThat(TerminalReport.lines(Findings.of(record, evaluator.client(), 10), evaluator.uri()))
                .contains("mistakes    cannot be shown: the weights are gone");
    }

    @Test
    void aRunThatWasNeverScoredIsRefusedWithHowItStands() {
        assertThatThrownBy(() -> Findings.of(Scored.record(), evaluator.client(), 10))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith(
                        "run quick-1 has no checkpoint that was scored yet: it is finished, step 5 of 5. ./millrace runs");
    }

    @Test
    void anEvaluatorThatDoesNotAnswerIsNamed() {
        EvaluatorClient nobody = new EvaluatorClient(URI.create("http://127.0.0.1:9"), Duration.ZERO, AccessToken.NONE);

        assertThatThrownBy(() -> Findings.of(record, nobody, 10))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("evaluator-service does not answer at http://127.0.0.1:9. Start a stack");
    }
}
