// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Questions that are worked on one after the other, on a thread of their own. Who asks what is being asked already waits
 * for the same answer; what nobody waits for any more is not begun, and what was begun is finished. Thread-safe.
 */
final class Questions {
    private final Duration patience;
    private final int mostWaiting;
    private final ThreadPoolExecutor worker =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "insight");
                thread.setDaemon(true);
                return thread;
            });
    /** What is waited for or worked on; guarded by this. */
    private final Map<Object, Asked<?>> asked = new HashMap<>();
    /** Of all questions; guarded by this. */
    private int waiting;

    /**
     * None yet.
     *
     * @param patience how long whoever asks is kept waiting
     * @param mostWaiting so many may wait at one time: each holds a thread that others need, too
     */
    Questions(Duration patience, int mostWaiting) {
        this.patience = patience;
        this.mostWaiting = mostWaiting;
    }

    /** A question, and how many wait for its answer. */
    private final class Asked<T> extends FutureTask<T> {
        private final Object key;
        private int waiting;
        private boolean begun;

        private Asked(Object key, Callable<T> work) {
            super(work);
            this.key = key;
        }

        @Override
        public void run() {
            synchronized (Questions.this) {
                begun = true;
            }
            try {
                super.run();
            } finally {
                synchronized (Questions.this) {
                    asked.remove(key, this);
                }
            }
        }
    }

    /**
     * The answer.
     *
     * @param key equal for equal questions, whose answers are of one type
     * @param work finds it
     * @throws TimeoutException when it takes longer than the patience
     * @throws ExecutionException with what the work has thrown
     * @throws InsightUnavailableException when too many wait
     */
    <T> T answer(Object key, Callable<T> work) throws InterruptedException, ExecutionException, TimeoutException {
        Asked<T> question = join(key, work);
        try {
            return question.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            leave(question);
        }
    }

    private synchronized <T> Asked<T> join(Object key, Callable<T> work) {
        if (waiting >= mostWaiting) {
            throw InsightUnavailableException.passing(
                    waiting + " questions about what checkpoints get wrong wait already, and no more may; ask again"
                            + " when some are answered",
                    null);
        }
        @SuppressWarnings("unchecked") // equal keys have answers of one type
        Asked<T> question = (Asked<T>) asked.get(key);
        if (question == null) {
            question = new Asked<>(key, work);
            worker.execute(question);
            asked.put(key, question);
        }
        question.waiting++;
        waiting++;
        return question;
    }

    private synchronized void leave(Asked<?> question) {
        question.waiting--;
        waiting--;
        if (question.waiting == 0 && !question.begun) {
            worker.remove(question);
            asked.remove(question.key, question);
        }
    }

    /** Answers what was asked, performs a last task and ends. */
    void end(Runnable last) {
        worker.execute(last);
        worker.shutdown();
    }
}
