// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.local.Refusal;
import io.millrace.local.insight.EvaluatorClient;
import io.millrace.local.insight.EvaluatorClient.GoneException;
import io.millrace.local.insight.EvaluatorClient.Mistake;
import io.millrace.local.insight.RunRecord;
import io.millrace.local.insight.Theme;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The confusion matrix and the worst mistakes of the checkpoints that runs are judged by: each picture is written once, and
 * what could not be had now is asked for again the next time. Not thread-safe.
 */
public final class BestPictures {
    private static final int MISTAKES = 16;

    private final Consumer<String> said;
    /** Ids of checkpoints with tags of pictures that are written, or that never come. */
    private final Set<String> settled = new HashSet<>();
    /** Ids of checkpoints with reasons why not all pictures are there. */
    private final Set<String> told = new HashSet<>();

    private int added;

    /** @param said hears why a run has not all pictures, once for each checkpoint and reason */
    public BestPictures(Consumer<String> said) {
        this.said = said;
    }

    /** How one picture is had, or several; says whether all are. */
    @FunctionalInterface
    private interface Drawing {
        boolean draw() throws GoneException, IOException, InterruptedException;
    }

    /**
     * Adds those that are not written yet to the run's events.
     *
     * @param evaluator has them
     * @return how many it has added
     */
    public int add(RunRecord record, RunEvents events, EvaluatorClient evaluator)
            throws IOException, InterruptedException {
        if (record.best().isEmpty()) {
            return 0;
        }
        EvaluationCompleted best = record.best().get();
        String runId = record.run().runId();
        String id = best.checkpoint().checkpointId();
        added = 0;
        // The matrix needs fonts, which the evaluator may lack; the mistakes do not.
        settle(runId, id, "confusion", () -> write(events, best, "confusion", evaluator.confusion(id, Theme.LIGHT)));
        settle(runId, id, "worst mistakes", () -> mistakes(runId, best, events, evaluator));
        return added;
    }

    private boolean mistakes(String runId, EvaluationCompleted best, RunEvents events, EvaluatorClient evaluator)
            throws GoneException, IOException, InterruptedException {
        String id = best.checkpoint().checkpointId();
        int number = 1;
        for (Mistake mistake : evaluator.mistakes(id, MISTAKES).mistakes()) {
            String tag = String.format(Locale.ROOT, "worst mistakes/%02d", number);
            if (!settle(runId, id, tag, () -> write(events, best, tag, evaluator.picture(mistake.cam())))) {
                // Neither would the others come now.
                return false;
            }
            number++;
        }
        return true;
    }

    private boolean write(RunEvents events, EvaluationCompleted best, String tag, byte[] png) throws IOException {
        events.picture(tag, best.step(), best.evaluatedAt(), png);
        added++;
        return true;
    }

    private boolean settle(String runId, String id, String tag, Drawing drawing)
            throws IOException, InterruptedException {
        String picture = id + " " + tag;
        if (settled.contains(picture)) {
            return true;
        }
        boolean done = false;
        try {
            done = drawing.draw();
        } catch (GoneException e) {
            done = !e.passes();
            say(runId, id, e.getMessage());
        } catch (Refusal e) {
            say(runId, id, e.getMessage());
        }
        if (done) {
            settled.add(picture);
        }
        return done;
    }

    private void say(String runId, String id, String reason) {
        if (told.add(id + " " + reason)) {
            said.accept(runId + "  not all pictures: " + reason);
        }
    }
}
