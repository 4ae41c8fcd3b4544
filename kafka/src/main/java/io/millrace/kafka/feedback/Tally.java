// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.feedback;

import io.millrace.contracts.event.Feedback;
import io.millrace.kafka.EventTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of versions, as feedback tells it. Of several about one answer the last one counts, as long as it is one of the latest; memory
 * is bounded, and what leaves it stays counted. Thread-safe.
 */
public final class Tally implements EventTable.Listener<Feedback> {
    /** Of what an answer is called, its end tells it apart. */
    private static final int ENOUGH = 16;

    private final Map<String, Boolean> answers;
    private final Map<String, Scored> versions;

    /** A version's score, and whose it is. */
    public record Scored(String model, String version, LiveScore score) {}

    /**
     * Of nothing.
     *
     * @param mostAnswers that are remembered, so that a second word about one replaces the first
     * @param mostVersions that are counted, those of which something was heard last
     */
    public Tally(int mostAnswers, int mostVersions) {
        this.answers = latest(mostAnswers);
        this.versions = latest(mostVersions);
    }

    private static <V> Map<String, V> latest(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > most;
            }
        };
    }

    @Override
    public synchronized void event(String key, Feedback said, long offset) {
        if (said == null) {
            return;
        }
        boolean right = said.predicted().equals(said.label());
        Boolean before = answers.put(end(said.requestId()), right);
        LiveScore score = of(said.version());
        if (before != null && score.all() > 0) {
            score = score.without(before);
        }
        versions.put(said.version(), new Scored(said.model(), said.version(), score.with(right)));
    }

    private static String end(String requestId) {
        return requestId.substring(Math.max(0, requestId.length() - ENOUGH));
    }

    @Override
    public synchronized void cleared() {
        answers.clear();
        versions.clear();
    }

    /** A version's score. */
    public synchronized LiveScore of(String version) {
        Scored scored = versions.get(version);
        return scored == null ? LiveScore.NONE : scored.score();
    }

    /** Versions of a model, the one first of which something was said last. */
    public synchronized List<Scored> ofModel(String model) {
        List<Scored> found = new ArrayList<>(versions.values());
        Collections.reverse(found);
        return found.stream().filter(each -> each.model().equals(model)).toList();
    }
}
