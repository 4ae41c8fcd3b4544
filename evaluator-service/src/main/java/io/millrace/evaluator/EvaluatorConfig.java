// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.evaluator.promote.Floor;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** Settings of the evaluator-service. */
@ConfigMapping(prefix = "millrace.evaluator")
public interface EvaluatorConfig {
    /**
     * The accuracy that a checkpoint has to have to be promoted without being asked for: from 0 to 1, or {@code auto}, which
     * is more than always answering the commonest class has.
     */
    @WithDefault(Floor.AUTO)
    @WithConverter(FloorConverter.class)
    Floor floor();

    /**
     * Whether a model goes back to the version before when that was right more often, as those say by feedback who have the role
     * {@code operate}, each with a confidence of 95 %. Once: what it goes back to is pinned.
     */
    @WithDefault("false")
    boolean rollbackByFeedback();

    /** Processors that checkpoints are scored on; all unless set. */
    Optional<@Min(value = 1, message = "is ${validatedValue}; it must be at least 1") Integer> threads();

    /** How many of a run's best checkpoints, averages among them, stay in the store. */
    @WithDefault("3")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int keepBest();

    /**
     * How many of a run's newest evaluated checkpoints, each with its average, stay in the store; its trainer resumes from
     * them.
     */
    @WithDefault("2")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int keepNewest();

    /**
     * How many of the runs that ended last, finished or failed, keep all that and what they could go on from; those before
     * them keep their best checkpoint.
     */
    @WithDefault("10")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int keepRuns();

    /**
     * How old a file must be that nobody means, half-written or never announced, before it is deleted. No trainer may take
     * so long to write a checkpoint and announce it.
     */
    @WithDefault("24h")
    @DurationMin(seconds = 1, message = "is ${validatedValue}; it must be at least one second")
    Duration orphanAge();

    /**
     * How long the file of an announced checkpoint may be missing or of another size before the checkpoint is given up: a
     * shared volume may show it late.
     */
    @WithDefault("30s")
    @DurationMin(seconds = 1, message = "is ${validatedValue}; it must be at least one second")
    Duration checkpointTimeout();

    /** How long a test split may go without a further batch before its checkpoints are given up. */
    @WithDefault("2m")
    @DurationMin(seconds = 1, message = "is ${validatedValue}; it must be at least one second")
    Duration testSplitTimeout();

    /** How many test splits stay in memory, and as many validation splits. */
    @WithDefault("2")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int testSplitsKept();

    /** Of how many evaluations the list of mistakes stays in memory; others are found again by scoring again. */
    @WithDefault("10")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int misclassifiedKept();
}
