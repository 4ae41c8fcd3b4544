// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.model.StepStats;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.Patience;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.pool.Pool;
import io.millrace.trainer.round.DeltaLog;
import io.millrace.trainer.round.DeltaReader;
import io.millrace.trainer.round.Replica;
import io.millrace.trainer.round.Replicas;
import io.millrace.trainer.round.StrayedException;
import io.millrace.trainer.round.Strays;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.training.Trainer.Tools;
import io.millrace.trainer.validation.Validation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers of one run in one process, on a log of deltas in memory: however the replicas are spread, the weights are the same. */
class RoundsLoopTest {
    private static final RunSpec RUN = Fixtures.withNetwork(
            Fixtures.withOptions(run("spread", 2, 10, 3), """
                    {"averaging": {"decay": 0.9}, "clipNorm": 1,
                     "sync": {"everySteps": 4, "fromStep": 2, "outer": {"momentum": 0.5}}}"""),
            new Network(
                    "tiny",
                    Network.Stem.IMAGENET,
                    1,
                    Fixtures.CLASSES.size(),
                    new ResidualLayout(Block.BASIC, List.of(1), List.of(4), null, null, null, null)));
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Compute COMPUTE = new Compute(Precision.FP32, false, "cpu", 1, "any", "any");

    @TempDir
    private static Path folder;

    private final DeltaLog log = new DeltaLog(RUN);
    private final List<Worker> workers = new ArrayList<>();

    /** A worker with what the pool gives it, which the test says. */
    private final class Worker implements Pool, AutoCloseable {
        private final Learner learner;
        private final TrainerMetrics metrics = new TrainerMetrics(new SimpleMeterRegistry());
        private final Strays strays = new Strays();
        private final Tools tools;
        private final RoundsLoop loop;
        private Set<Integer> held;
        private boolean batchesCome = true;
        private boolean sharesInVain;
        private int trained;

        Worker(Integer... held) throws Exception {
            this(RUN.seed(), Set.of(held));
        }

        Worker(long seed, Set<Integer> held) throws Exception {
            this.held = held;
            learner = Learner.create(
                    RUN.network(), Fixtures.NORMALIZATION, Fixtures.SIZE, Fixtures.SIZE, RUN.recipe(), COMPUTE, seed);
            tools = new Tools(
                    Fixtures.config(Map.of(
                            "millrace.trainer.max-lost-ratio",
                            // Whether the run has failed is nothing for those to judge that follow.
                            this.held.contains(0) ? "0.1" : "0")),
                    null,
                    null,
                    this,
                    new DirectoryCheckpointStore(folder),
                    null,
                    null,
                    new Patience(Duration.ofMillis(1), Duration.ofMillis(1)),
                    metrics);
            Replicas replicas = new Replicas(Held::new);
            loop = new RoundsLoop(
                    RUN,
                    tools,
                    learner,
                    new Opened(
                            learner, null, Position.START, 0, List.of(), null, List.of(), List.of(), List.of(), false),
                    new Validation(null, RUN, List.of()),
                    replicas,
                    new DeltaReader(
                            settings -> log.consumer(),
                            RUN,
                            Optional.of(Map.of()),
                            this.held.contains(0),
                            (replica, records, reason) -> replicas.forget(replica)),
                    false,
                    this.held.contains(0),
                    Optional.empty(),
                    strays);
            workers.add(this);
        }

        private final class Held implements Replica {
            private final int number;

            Held(int number) {
                this.number = number;
            }

            @Override
            public Optional<ShardBatch> batch(long step, Optional<Long> offset, Duration atMost) {
                if (!batchesCome) {
                    return Optional.empty();
                }
                trained++;
                assertThat(offset.orElse(0L) % 4)
                        .as("read from a round's begin")
                        .isIn(0L, 1L, 2L);
                // One is lost.
                boolean lost = number == 1 && step == 5;
                return Optional.of(new ShardBatch(
                        Fixtures.id(RUN, step, number),
                        lost ? Optional.empty() : Optional.of(Fixtures.batch(RUN, Fixtures.id(RUN, step, number))),
                        new OffsetRange(step, step + 1)));
            }

            @Override
            public void share(Delta delta) {
                if (!sharesInVain) {
                    log.add(delta);
                }
            }

            @Override
            public void check() {}

            @Override
            public Optional<Long> lacks() {
                return Optional.empty();
            }

            @Override
            public Optional<String> problem() {
                return Optional.empty();
            }

            @Override
            public void close() {}
        }

        @Override
        public Optional<Holding> holding() {
            return held.isEmpty() ? Optional.empty() : Optional.of(Holding.of(RUN.incarnation(), held));
        }

        @Override
        public Optional<Holding> await(Duration atMost) {
            return holding();
        }

        @Override
        public boolean begin(Holding holding) {
            return true;
        }

        @Override
        public void leave() {}

        @Override
        public void refuse(String incarnation, String reason) {}

        long step() {
            return loop.progress().step();
        }

        /** Until it has done so many steps. */
        void to(long step) throws Exception {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (step() < step && System.nanoTime() < deadline) {
                for (Worker worker : List.copyOf(workers)) {
                    if (!worker.loop.complete()) {
                        worker.loop.advance();
                    }
                }
            }
            assertThat(step()).isGreaterThanOrEqualTo(step);
        }

        Map<String, Object> weights() {
            Map<String, Object> weights = new TreeMap<>();
            for (Tensor tensor : Stream.concat(learner.weights().stream(), learner.optimizerState().stream())
                    .toList()) {
                weights.put(tensor.name(), tensor.data());
            }
            return weights;
        }

        @Override
        public void close() {
            die();
        }

        /** As if it had been killed. */
        void die() {
            if (workers.remove(this)) {
                loop.close();
                learner.close();
            }
        }
    }

    private Map<String, Object> weightsOfOne() throws Exception {
        RoundsLoopTest alone = new RoundsLoopTest();
        try (Worker one = alone.new Worker(0, 1, 2)) {
            one.to(RUN.steps());
            assertThat(one.loop.progress().samples()).isEqualTo((RUN.steps() * 3 - 1) * Fixtures.BATCH);
            assertThat(one.loop.progress().lostBatches()).isEqualTo(1);
            assertThat(one.trained).isEqualTo(RUN.steps() * 3);
            return one.weights();
        }
    }

    @Test
    void whoeverTrainsWhichReplicaAndWhoeverComesOrGoesTheWeightsAreTheSame() throws Exception {
        Map<String, Object> expected = weightsOfOne();

        try (Worker first = new Worker(0)) {
            Worker second = new Worker(1, 2);
            first.to(5);
            // In the middle of a round
            second.die();
            first.held = Set.of(0, 1, 2);
            first.to(12);
            try (Worker third = new Worker(2)) {
                first.held = Set.of(0, 1);
                third.to(16);
                assertThat(third.trained).as("what others trained is read").isLessThanOrEqualTo(8);
                first.to(RUN.steps());
                third.to(RUN.steps());

                assertThat(first.weights()).isEqualTo(expected);
                assertThat(third.weights()).isEqualTo(expected);
                assertThat(third.loop.progress().lostBatches()).isEqualTo(1);
            }
        }
    }

    @Test
    void aTurnThatWaitsForBatchesEndsWhenItsReplicaIsTakenAway() throws Exception {
        try (Worker first = new Worker(0);
                Worker second = new Worker(1, 2)) {
            first.to(6);
            second.batchesCome = false;
            for (int k = 0; k < 10; k++) {
                first.loop.advance();
                second.loop.advance();
            }
            long stands = first.step();

            first.held = Set.of(0, 1, 2);
            second.held = Set.of();
            first.to(stands + 4);
        }
    }

    @Test
    void aWorkerThatComesToOtherWeightsThanTheOthersStraysAndTheyGoOnWithout() throws Exception {
        Map<String, Object> expected = weightsOfOne();

        try (Worker first = new Worker(0);
                Worker stray = new Worker(RUN.seed() + 1, Set.of(1, 2))) {
            assertThatThrownBy(() -> first.to(RUN.steps()))
                    .isInstanceOf(StrayedException.class)
                    .hasMessageContaining("the weights that it began with at step 0 have digest");
            assertThat(log.size(1)).isPositive();
            stray.die();

            first.held = Set.of(0, 1, 2);
            first.to(RUN.steps());
            assertThat(first.weights()).isEqualTo(expected);
        }
    }

    @Test
    void whatWasSharedAndDeletedBeforeOthersReadItIsSharedAgain() throws Exception {
        try (Worker first = new Worker(0);
                Worker second = new Worker(1, 2)) {
            first.to(6);
            first.sharesInVain = true;
            second.batchesCome = false;
            long stands = first.step();
            for (int k = 0; k < 20; k++) {
                first.loop.advance();
                second.loop.advance();
            }

            first.sharesInVain = false;
            log.cut(0);
            for (int k = 0; k < 20; k++) {
                first.loop.advance();
            }
            assertThat(log.size(0)).isPositive();
            second.batchesCome = true;
            first.to(stands + 2);
        }
    }

    @Test
    void whoeverFollowsDoesNotJudgeTheRun() throws Exception {
        StepStats diverged = new StepStats(Double.NaN, 0, 8);
        try (Worker worker = new Worker(1)) {
            Opened from = new Opened(
                    worker.learner, null, Position.START, 0, List.of(), null, List.of(), List.of(), List.of(), false);
            Validation none = new Validation(null, RUN, List.of());

            assertThatCode(() -> new Course(
                                    RUN,
                                    worker.tools.config(),
                                    worker.tools.metrics(),
                                    worker.learner,
                                    from,
                                    none,
                                    false,
                                    () -> diverged)
                            .readLoss())
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> new Course(
                                    RUN,
                                    worker.tools.config(),
                                    worker.tools.metrics(),
                                    worker.learner,
                                    from,
                                    none,
                                    true,
                                    () -> diverged)
                            .readLoss())
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("loss is not finite");
        }
    }
}
