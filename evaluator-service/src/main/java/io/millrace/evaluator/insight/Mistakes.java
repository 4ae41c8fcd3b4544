// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.score.CheckpointScoring.TestSplitSource;
import io.millrace.evaluator.score.Misclassified;
import io.millrace.evaluator.score.MisclassifiedSamples;
import io.millrace.evaluator.score.PassingFaultException;
import io.millrace.evaluator.score.UnusableNetworkException;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * What checkpoints get wrong: remembered from their evaluation, or found again from weights and test split, a checkpoint at
 * a time. Whoever asks waits for a while, and is told to ask again; so is at once who would be one too many to wait.
 * Thread-safe.
 */
public final class Mistakes implements AutoCloseable {
    /** Each holds one of the service's threads, of which there are 200 at the least. */
    private static final int MOST_WAITING = 16;

    private final MisclassifiedSamples kept;
    private final Desk desk;
    private final Questions questions;

    /** Which mistakes a checkpoint makes. */
    private record AllOf(String checkpointId) {}

    /** What one of them looks like. */
    private record Drawing(String checkpointId, int index, boolean heat) {}

    /**
     * Asks nothing yet.
     *
     * @param kept the mistakes that are remembered
     * @param patience how long whoever asks is kept waiting
     */
    public Mistakes(CheckpointStore store, TestSplitSource splits, MisclassifiedSamples kept, Duration patience) {
        this.kept = kept;
        this.desk = new Desk(store, splits);
        this.questions = new Questions(patience, MOST_WAITING);
    }

    /**
     * All mistakes of a checkpoint on the test split, the worst first.
     *
     * @throws InsightUnavailableException when they are still looked for, or cannot be found any more
     */
    public List<Misclassified> of(EvaluationCompleted evaluation) {
        String id = evaluation.checkpoint().checkpointId();
        return kept.find(id).orElseGet(() -> answer(id, new AllOf(id), () -> found(evaluation)));
    }

    private List<Misclassified> found(EvaluationCompleted evaluation)
            throws IOException, UnusableNetworkException, InterruptedException {
        List<Misclassified> found = desk.mistakes(evaluation);
        kept.put(evaluation.checkpoint().checkpointId(), found);
        return found.stream().sorted(Misclassified.WORST_FIRST).toList();
    }

    /**
     * A mistake's image as PNG, small ones enlarged by a whole factor.
     *
     * @param heat whether it stands there three times, beside each other: as it is, with the heat of the class that was
     *     predicted over it, and with that of the true class
     * @throws InsightUnavailableException when it cannot be made now, or any more
     */
    public byte[] picture(EvaluationCompleted evaluation, Misclassified mistake, boolean heat) {
        String id = evaluation.checkpoint().checkpointId();
        return answer(
                id,
                new Drawing(id, mistake.index(), heat),
                () -> heat ? desk.explained(evaluation, mistake) : desk.picture(evaluation, mistake));
    }

    private <T> T answer(String id, Object key, Callable<T> work) {
        try {
            return questions.answer(key, work);
        } catch (TimeoutException e) {
            throw InsightUnavailableException.passing(
                    "what " + id + " gets wrong is being worked out from its weights and its test split; ask again", e);
        } catch (ExecutionException e) {
            throw refusal(id, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw InsightUnavailableException.passing("the service stops", e);
        }
    }

    private static RuntimeException refusal(String id, Throwable cause) {
        if (cause instanceof CorruptCheckpointException) {
            return InsightUnavailableException.gone(
                    "what " + id + " got wrong is remembered no more, and its weights cannot be asked again: "
                            + cause.getMessage() + ". GET /leaderboard says which weights are kept",
                    cause);
        }
        if (cause instanceof UnusableNetworkException) {
            return InsightUnavailableException.gone(id + " cannot be asked again: " + cause.getMessage(), cause);
        }
        if (cause instanceof IOException
                || cause instanceof UncheckedIOException
                || cause instanceof PassingFaultException
                || cause instanceof IllegalStateException
                || cause instanceof InterruptedException) {
            return InsightUnavailableException.passing(id + " cannot be asked now: " + cause.getMessage(), cause);
        }
        return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
    }

    /** Ends what is being worked out, and frees what it took. */
    @Override
    public void close() {
        questions.end(desk::close);
    }
}
