// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.Refusal;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Samples;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs that learn an epoch when they are told to. */
final class PoolStandIn implements Pool {
    static final long SEED = 1;

    final Map<String, OrderedRun> runs = new LinkedHashMap<>();
    int orders;
    int wishes;
    boolean silent;
    /** What is answered to orders. */
    Answer ordered = Answer.DONE;
    /** How often somebody looks before a run is there whose order nobody answered. */
    int late;
    /** A run that is refused whatever is wanted of it. */
    String refused;

    /** Whether whoever reads its curves is interrupted. */
    boolean unread;

    private Trial underway;

    @Override
    public Optional<List<OrderedRun>> runs() {
        if (underway != null && late-- == 0) {
            add(underway);
        }
        return silent ? Optional.empty() : Optional.of(List.copyOf(runs.values()));
    }

    @Override
    public Optional<Figure> figure(RunSpec run, int epoch) {
        double accuracy = 10 * run.recipe().schedule().learningRate() + (epoch - 1) / 100.0;
        return Optional.of(new Figure(accuracy, 1 - accuracy));
    }

    @Override
    public void requireFigures() throws InterruptedException {
        if (unread) {
            throw new InterruptedException("while curves are read");
        }
    }

    @Override
    public Answer order(Trial trial) {
        orders++;
        wishes++;
        requireLet(trial.runId());
        if (ordered.kind() == Answer.Kind.DONE) {
            add(trial);
        } else if (ordered.kind() == Answer.Kind.SILENT) {
            underway = trial;
        }
        return ordered;
    }

    private void requireLet(String runId) {
        if (runId.equals(refused)) {
            throw new Refusal("this token is for reading");
        }
    }

    private void add(Trial trial) {
        add(trial.runId(), Recipes.of(trial.recipe()), Samples.DATASET);
    }

    private void add(String runId, Recipe recipe, Dataset dataset) {
        RunSpec like = Samples.RUN;
        RunSpec spec = new RunSpec(
                runId,
                Instant.EPOCH,
                "s",
                dataset,
                like.network(),
                recipe,
                1,
                SEED,
                like.batchesPerEpoch(),
                like.encoding(),
                0);
        put(spec, "running", null, 0);
    }

    private void put(RunSpec spec, String state, String reason, int epochs) {
        RunStatus like = Samples.STATUS;
        RunStatus status = new RunStatus(
                spec.runId(),
                RunStatus.State.RUNNING,
                null,
                (long) epochs * spec.batchesPerEpoch(),
                spec.steps(),
                epochs,
                spec.epochs(),
                0,
                1,
                1,
                1,
                0,
                1.0,
                0L,
                null,
                null,
                null,
                null,
                like.compute(),
                null,
                Instant.EPOCH);
        runs.put(spec.runId(), new OrderedRun(spec.runId(), state, reason, spec, status));
    }

    private int epochs(OrderedRun run) {
        return (int) (run.status().step() / run.spec().batchesPerEpoch());
    }

    void learn(String... ids) {
        for (String id : ids) {
            OrderedRun run = runs.get(id);
            assertThat(run.state()).as(id).isEqualTo("running");
            int epochs = epochs(run) + 1;
            put(run.spec(), epochs == run.spec().epochs() ? "finished" : "running", null, epochs);
        }
    }

    void learnsFrom(String id, String digest) {
        Dataset like = Samples.DATASET;
        add(
                id,
                runs.get(id).spec().recipe(),
                new Dataset(
                        like.name(),
                        digest,
                        like.trainSamples(),
                        like.testSamples(),
                        like.channels(),
                        like.height(),
                        like.width(),
                        like.classes(),
                        like.normalization()));
    }

    void fail(String id) {
        OrderedRun run = runs.get(id);
        put(run.spec(), "failed", "loss is NaN", epochs(run));
    }

    List<String> stopped() {
        return runs.values().stream()
                .filter(OrderedRun::stopped)
                .map(OrderedRun::runId)
                .toList();
    }

    private void becomes(String id, String state) {
        wishes++;
        OrderedRun run = runs.get(id);
        put(run.spec(), state, null, epochs(run));
    }

    @Override
    public Answer stop(String runId) {
        requireLet(runId);
        becomes(runId, "stopped");
        return Answer.DONE;
    }

    @Override
    public Answer resume(String runId) {
        requireLet(runId);
        becomes(runId, "running");
        return Answer.DONE;
    }
}
