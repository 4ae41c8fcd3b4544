// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.ModelPromoted;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is promoted, by model, as the promotions' log tells it. Applying one twice changes nothing. Thread-safe.
 */
public final class Promotions {
    private final Map<String, ModelPromoted> byModel = new TreeMap<>();

    /** Takes the next promotion of the log. */
    public synchronized void apply(ModelPromoted promotion) {
        byModel.put(promotion.model(), promotion);
    }

    /** Takes the deletion of a model from the log: nothing is promoted under the name any more. */
    public synchronized void remove(String model) {
        byModel.remove(model);
    }

    /** Nothing is promoted any more: the log was made anew. */
    public synchronized void clear() {
        byModel.clear();
    }

    /** What is promoted under a name. */
    public synchronized Optional<ModelPromoted> current(String model) {
        return Optional.ofNullable(byModel.get(model));
    }

    /** Whether what is promoted under a name stays so, whatever is better. */
    public boolean isPinned(String model) {
        return current(model).filter(ModelPromoted::pinned).isPresent();
    }

    /** What is promoted, by the models' names. */
    public synchronized Collection<ModelPromoted> all() {
        return List.copyOf(byModel.values());
    }

    /** When something was promoted last, under whatever name. */
    public Optional<Instant> latest() {
        return all().stream().map(ModelPromoted::promotedAt).max(Comparator.naturalOrder());
    }

    /** Whether a checkpoint is the promoted one of its model. */
    public boolean isPromoted(CheckpointRef checkpoint) {
        return all().stream().anyMatch(promotion -> promotion.checkpoint().equals(checkpoint));
    }

    /** What is promoted, what a rollback would go back to, and what is asked beside it. */
    public Stream<CheckpointRef> needed() {
        return all().stream()
                .flatMap(promotion -> Stream.of(promotion.checkpoint(), promotion.previous(), promotion.shadow()))
                .filter(Objects::nonNull);
    }

    /** Whether the file of a checkpoint is that of one of them. */
    public boolean isNeeded(CheckpointRef checkpoint) {
        return needed().anyMatch(needed -> checkpoint.uri().equals(needed.uri()));
    }
}
