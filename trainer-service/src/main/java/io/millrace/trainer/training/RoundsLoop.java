// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.kafka.TopicAdmin;
import io.millrace.model.Learner;
import io.millrace.model.StepStats;
import io.millrace.model.schedule.LearningRateSchedule;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.round.DeltaReader;
import io.millrace.trainer.round.LoggedReplica;
import io.millrace.trainer.round.Replica;
import io.millrace.trainer.round.Replicas;
import io.millrace.trainer.round.RoundRule;
import io.millrace.trainer.round.Shared;
import io.millrace.trainer.round.StrayedException;
import io.millrace.trainer.round.Strays;
import io.millrace.trainer.round.Turn;
import io.millrace.trainer.training.Progress.Around;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.training.Trainer.Tools;
import io.millrace.trainer.validation.Validation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The loop over the rounds of a run, for a worker that holds some of its replicas. A replica whose delta the log does not
 * hold has its turn, if it is held here; when the deltas of all replicas are there, whoever made them, the round ends for
 * this worker as for all others: so who comes later gets to the run's present by reading. Everything that decides bits
 * happens in each worker alike; only the one that holds replica 0 writes about the run, and judges whether it has failed: the
 * others began elsewhere and may be set otherwise.
 *
 * <p>For the training thread, except {@link #progress} and {@link #problem}.
 */
final class RoundsLoop implements Loop {
    private static final Logger LOGGER = Logger.getLogger(RoundsLoop.class);
    private static final Duration POLL = Duration.ofMillis(50);
    /** What points to it that this worker strayed has to last so long, and for two rounds. */
    private static final Duration DOUBT = Duration.ofSeconds(3);
    /** A replica that keeps the others waiting so long, and for three rounds, may lack batches. */
    private static final Duration LATE = Duration.ofSeconds(5);

    private final RunSpec run;
    private final Tools tools;
    private final Learner learner;
    private final Validation validation;
    private final Replicas replicas;
    private final DeltaReader deltas;
    private final boolean leads;
    private final Optional<Lead> lead;
    private final Strays strays;
    private final LearningRateSchedule schedule;
    private final Ledger ledger;
    private final LossWatch loss;
    private final StepTimer timer;
    private final Lineage start;
    private final long begin;
    /** Whether processes died here again and again: then the first round has to bring the run to another checkpoint. */
    private final boolean careful;
    /** Whether the end of the next round has a checkpoint, be it due or not. */
    private boolean soon;

    /** What the pool knows that this worker is at. */
    private Holding begun;

    private Shared shared;
    private Turn turn;
    private StepStats stats = new StepStats(Double.NaN, Double.NaN, 0);
    private double learningRate;
    private long lastSnapshot;
    private boolean timing;
    private long waitingForBatch;
    private long restingSince;
    private long exchange;
    private Duration round = Duration.ZERO;
    private volatile BatchReader lookout;
    /** Steps that it has seen. */
    private long looked;
    /** When it was opened, in the round at hand; 0: not yet. */
    private long lookingSince;

    private volatile Progress progress;

    /**
     * What only the worker has that writes about the run.
     *
     * @param checkpointer for its checkpoints
     * @param writer for all that is written about it
     */
    record Lead(Checkpointer checkpointer, RunWriter writer) {}

    /**
     * From where a checkpoint is.
     *
     * @param replicas that are held, none of them open yet
     * @param deltas from the checkpoint on
     * @param anew whether what the log of deltas holds is passed over
     * @param leads whether replica 0 is among those that are held: where that changes, it is for others to open the run anew
     */
    RoundsLoop(
            RunSpec run,
            Tools tools,
            Learner learner,
            Opened from,
            Validation validation,
            Replicas replicas,
            DeltaReader deltas,
            boolean anew,
            boolean leads,
            Optional<Lead> lead,
            Strays strays)
            throws InterruptedException, StoppedException {
        this.run = run;
        this.tools = tools;
        this.learner = learner;
        this.validation = validation;
        this.replicas = replicas;
        this.deltas = deltas;
        careful = from.careful();
        // Where what the log holds is passed over, that spares others the same.
        soon = anew || careful;
        this.leads = leads;
        this.lead = lead;
        this.strays = strays;
        schedule = LearningRateSchedule.of(run);
        ledger = new Ledger(from.position());
        begin = ledger.step();
        loss = new LossWatch(run, begin, () -> stats);
        timer = new StepTimer(from.position());
        start = from.start();
        lastSnapshot = begin;
        shared = Shared.at(learner.vector(), momentum(), from.outer());
        progress = current();
        if (!complete()) {
            deltas.begin(shared, begin);
        }
    }

    /**
     * With the run's logs, for what the pool gives.
     *
     * @param holding of the run
     */
    static RoundsLoop open(
            RunSpec run,
            Holding holding,
            Tools tools,
            Learner learner,
            Opened from,
            Validation validation,
            Optional<Lead> lead,
            Strays strays)
            throws InterruptedException, StoppedException {
        tools.patience().attempt("make the log of deltas of run " + run.runId(), () -> {
            TopicAdmin.ensure(tools.connection(), Map.of(Topic.deltas(run.incarnation()), run.shards()));
            return true;
        });
        Replicas replicas = new Replicas(replica -> replica(run, tools, replica, lead));
        // Alone, it need not follow where others had gone that compute otherwise.
        boolean anew = strays.has(run.incarnation()) && holding.replicas().size() == run.shards();
        DeltaReader deltas = new DeltaReader(
                tools.connection()::consumer,
                run,
                anew ? Optional.empty() : Optional.of(from.position().deltas()),
                lead.isPresent(),
                new RefusedDeltas(run, tools, replicas));
        return new RoundsLoop(
                run, tools, learner, from, validation, replicas, deltas, anew, lead.isPresent(), lead, strays);
    }

    private static Replica replica(RunSpec run, Tools tools, int number, Optional<Lead> lead)
            throws InterruptedException, StoppedException {
        Optional<RunWriter> own = lead.filter(any -> number == 0).map(Lead::writer);
        RunWriter writer = own.orElseGet(() -> tools.writer(run.incarnation(), number));
        if (own.isEmpty()) {
            writer.open();
        }
        return new LoggedReplica(
                tools.connection(),
                run,
                number,
                writer,
                own.isEmpty(),
                tools.config().prefetch().steps(),
                // As many as it may come to hold.
                tools.config().prefetch().bytes().asLongValue() / run.shards(),
                tools.metrics());
    }

    private double momentum() {
        return run.recipe().sync().outer().momentum();
    }

    @Override
    public boolean complete() {
        return ledger.step() >= run.steps() || validation.stop().isPresent();
    }

    @Override
    public Progress progress() {
        return progress.with(new Around(
                lead.map(each -> each.writer().announced()).orElse(0),
                lead.flatMap(each -> each.checkpointer().problem().or(each.writer()::problem))
                        .orElse(null),
                validation.problem().orElse(null),
                lacks().orElse(null)));
    }

    /**
     * Of the shards that are read here, or looked into. The log begins anew with the step that is told, and those who
     * keep this worker waiting begin with the round.
     */
    private Optional<Long> lacks() {
        BatchReader looking = lookout;
        Optional<Long> own = replicas.lacks();
        return looking == null ? own : own.or(looking::lacks).map(any -> progress.step());
    }

    @Override
    public Optional<String> problem() {
        return deltas.problem().or(replicas::problem);
    }

    @Override
    public long stepsSinceSnapshot() {
        return ledger.step() - lastSnapshot;
    }

    @Override
    public void advance()
            throws InterruptedException, RunFailedException, StoppedException, LeftAloneException, StrayedException {
        if (!validation.isReady(POLL)) {
            return;
        }
        replicas.check();
        if (deltas.takeLost()) {
            replicas.forget();
        }
        if (turn != null && (deltas.has(turn.replica()) || !replicas.holds(turn.replica()))) {
            // Somebody else has settled it, or will.
            turn = null;
        }
        if (turn == null || !step()) {
            adopt();
        }
        if (turn == null) {
            beginTurn();
        }
        deltas.poll(turn == null ? POLL : Duration.ZERO);
        if (deltas.isWhole()) {
            end();
            return;
        }
        Optional<String> astray = deltas.astray(longer(DOUBT, round.multipliedBy(2)));
        if (astray.isPresent()) {
            throw new StrayedException(ledger.step(), astray.get());
        }
        lookOut();
    }

    /** Takes what the pool gives and leaves what it takes, while no step is being made. */
    private void adopt() throws InterruptedException, StoppedException {
        Optional<Holding> held = tools.pool().holding().filter(holding -> holding.isOf(run.incarnation()));
        if (held.isEmpty() || held.get().equals(begun) || held.get().replicas().contains(0) != leads) {
            return;
        }
        Set<Integer> wanted = held.get().replicas();
        replicas.retain(wanted);
        if (!tools.pool().begin(held.get())) {
            return;
        }
        begun = held.get();
        if (replicas.add(wanted)) {
            // Whoever had them has written its last by now.
            deltas.mark();
            LOGGER.infof("Replicas of a run are held. runId=%s replicas=%s", run.runId(), wanted);
        }
    }

    private void beginTurn() {
        for (int replica : replicas.held()) {
            if (deltas.lacks(replica) && !replicas.hasShared(replica, deltas.to())) {
                turn = new Turn(run, learner, shared, deltas.digest(), replica, ledger.step(), deltas.to());
                restingSince = 0;
                if (!timing) {
                    timer.begin();
                    timing = true;
                }
                return;
            }
        }
        restingSince = restingSince == 0 ? System.nanoTime() : restingSince;
    }

    /** A step of the turn; false when its batch is not there. */
    private boolean step() throws InterruptedException {
        long since = System.nanoTime();
        Optional<ShardBatch> batch = replicas.batch(
                turn.replica(),
                turn.step(),
                Optional.ofNullable(ledger.nextOffsets().get(turn.replica())),
                POLL);
        long now = System.nanoTime();
        waitingForBatch += now - since;
        if (batch.isEmpty()) {
            return false;
        }
        tools.metrics().waited(waitingForBatch);
        timer.waited(waitingForBatch);
        waitingForBatch = 0;
        learningRate = rate(turn.step());
        turn.step(batch.get(), learningRate);
        int samples = batch.get().images().map(images -> images.size()).orElse(0);
        tools.metrics().stepped(progress, samples, samples == 0 ? 1 : 0, System.nanoTime() - now);
        if (turn.isDone()) {
            since = System.nanoTime();
            replicas.share(turn.delta());
            exchange += System.nanoTime() - since;
            turn = null;
        }
        return true;
    }

    private double rate(long step) {
        return validation.rate(schedule.at(step));
    }

    /** What all replicas learnt is here. */
    private void end() throws RunFailedException, InterruptedException, StoppedException {
        long since = System.nanoTime();
        long waited = restingSince == 0 ? 0 : since - restingSince;
        long from = ledger.step();
        List<Delta> all = deltas.takeRound();
        shared = RoundRule.end(run, learner, shared, all, rate(from));
        turn = null;
        ledger.enter(run, all);
        learningRate = rate(ledger.step() - 1);
        stats = stats(all);
        readLoss();
        exchange += System.nanoTime() - since;
        if (timing) {
            round = Duration.ofNanos(timer.end(stats.samples(), ledger.step() - from));
            timing = false;
        }
        progress = current();
        tools.metrics().roundEnded(progress, waited, exchange);
        exchange = 0;
        restingSince = 0;
        closeLookout();
        lookingSince = 0;
        strays.reached(run.incarnation(), ledger.step());
        books(from);
        if (!complete()) {
            thaw();
            deltas.begin(shared, ledger.step());
        }
    }

    private void readLoss() throws RunFailedException {
        try {
            loss.read(ledger.step(), learningRate);
        } catch (RunFailedException e) {
            if (leads) {
                throw e;
            }
            LOGGER.debugf("Whoever leads the run has to judge. runId=%s reason=\"%s\"", run.runId(), e.getMessage());
        }
    }

    /** What is done after a step elsewhere, where it falls into the round that began with one. */
    private void books(long from) throws RunFailedException, InterruptedException {
        boolean epochEnds = ledger.step() % run.batchesPerEpoch() == 0;
        boolean checkpointDue = lead.isPresent()
                && (epochEnds || soon || passed(from, run.recipe().checkpointEverySteps()));
        List<Tensor> weights = checkpointDue || epochEnds ? weights() : List.of();
        if (epochEnds) {
            validate(weights);
        }
        if (leads) {
            ledger.requireEnough(run, tools.config().maxLostRatio(), complete());
        }
        if (lead.isPresent() && (epochEnds || passed(from, tools.config().statsEverySteps()))) {
            lead.get().writer().add(progress.point(loss.sincePoint.take(), loss.accuracySincePoint.take()));
        }
        if (checkpointDue) {
            snapshot(weights);
        }
        if (epochEnds) {
            LOGGER.infof(
                    "Epoch done. runId=%s epoch=%d step=%d loss=%.4f accuracy=%.4f learningRate=%.6f imagesPerSecond=%.0f waitRatio=%.3f",
                    run.runId(),
                    progress.epoch(),
                    progress.step(),
                    loss.sinceEpoch.take(),
                    loss.accuracy(),
                    learningRate,
                    progress.time().imagesPerSecond(),
                    progress.time().waitRatio());
        }
    }

    private boolean passed(long from, int every) {
        return every > 0 && ledger.step() / every > from / every;
    }

    /** Copies of the weights as all have them. */
    private List<Tensor> weights() throws RunFailedException {
        learner.assign(shared.vector());
        List<Tensor> weights = learner.weights();
        if (leads) {
            LossWatch.check(weights, ledger.step(), learningRate);
        }
        return weights;
    }

    private void validate(List<Tensor> weights) throws RunFailedException {
        Optional<Validated> validated = validation.score(progress.epoch(), ledger.step(), weights);
        if (validated.isPresent()) {
            if (leads) {
                LossWatch.requireFinite("validation loss", validated.get().loss(), ledger.step(), learningRate);
            }
            progress = current();
            tools.metrics().progressed(progress);
        }
    }

    /** With an epoch, what was frozen may be trained from then on. */
    private void thaw() {
        if (ledger.step() % run.batchesPerEpoch() == 0) {
            learner.assign(shared.vector());
            if (learner.beginEpoch((int) (ledger.step() / run.batchesPerEpoch()))) {
                shared = Shared.at(learner.vector(), momentum());
                LOGGER.infof("What was frozen is trained from now on. runId=%s step=%d", run.runId(), ledger.step());
            }
        }
    }

    /** As it stood when the latest round ended. */
    @Override
    public void snapshot() throws RunFailedException, InterruptedException {
        turn = null;
        snapshot(weights());
    }

    private void snapshot(List<Tensor> weights) throws InterruptedException {
        long lossSamples = loss.sinceSnapshot.samples();
        Double meanLoss = loss.sinceSnapshot.take();
        Position position = ledger.take(progress.epoch(), timer.time(), meanLoss == null ? 0 : meanLoss)
                .withDeltas(deltas.next());
        lead.orElseThrow()
                .checkpointer()
                .submit(new Snapshot(
                        position,
                        lossSamples,
                        ledger.takeLines(),
                        weights,
                        Stream.concat(learner.optimizerState().stream(), shared.state().stream())
                                .toList(),
                        validation.history(),
                        complete()));
        lastSnapshot = ledger.step();
        if (soon && careful) {
            lead.orElseThrow().checkpointer().awaitIdle(TrainingLoop.CAREFUL);
        }
        soon = false;
    }

    /** The mean over all replicas, in their order. */
    private static StepStats stats(List<Delta> all) {
        long samples = 0;
        double loss = 0;
        double accuracy = 0;
        for (Delta delta : all) {
            if (delta.samples() > 0) {
                samples += delta.samples();
                loss += delta.loss() * delta.samples();
                accuracy += delta.accuracy() * delta.samples();
            }
        }
        return new StepStats(loss / samples, accuracy / samples, samples);
    }

    /**
     * Looks into the shards of those that keep this worker waiting: should batches be missing there, only the one that writes
     * about the run can say so. They are looked into again and again while a delta is late: what was there may be gone.
     */
    private void lookOut() throws InterruptedException {
        long late = longer(LATE, round.multipliedBy(3)).toNanos();
        if (lead.isEmpty() || restingSince == 0 || System.nanoTime() - restingSince < late) {
            return;
        }
        if (lookout != null && looked >= deltas.to() && System.nanoTime() - lookingSince >= late) {
            closeLookout();
        }
        if (lookout == null) {
            Set<Integer> missing = new TreeSet<>(IntStream.range(0, run.shards())
                    .filter(replica -> !deltas.has(replica) && !replicas.holds(replica))
                    .boxed()
                    .toList());
            if (missing.isEmpty()) {
                return;
            }
            if (lookingSince == 0) {
                LOGGER.infof("Waits for replicas. runId=%s step=%d replicas=%s", run.runId(), ledger.step(), missing);
            }
            lookingSince = System.nanoTime();
            lookout = new BatchReader(
                    tools.connection(),
                    run,
                    missing,
                    ledger.step(),
                    ledger.nextOffsets(),
                    1,
                    tools.config().prefetch().bytes().asLongValue(),
                    tools.metrics());
            looked = ledger.step();
        }
        while (looked < deltas.to() && lookout.poll(Duration.ZERO).isPresent()) {
            looked++;
        }
    }

    private void closeLookout() {
        if (lookout != null) {
            lookout.close();
            lookout = null;
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private Progress current() {
        return new Progress(
                run,
                learner.compute(),
                start,
                ledger.step(),
                ledger.samples(),
                ledger.lostBatches(),
                timer.time(),
                loss.loss(),
                loss.accuracy(),
                learningRate,
                validation.latest().orElse(null),
                Around.NOTHING);
    }

    @Override
    public void close() {
        closeLookout();
        replicas.close();
        deltas.close();
    }
}
