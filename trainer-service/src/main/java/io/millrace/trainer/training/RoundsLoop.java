// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.kafka.TopicAdmin;
import io.millrace.model.Learner;
import io.millrace.model.StepStats;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.checkpoint.Checkpointer;
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
    private final Moves moves;
    private final TurnAttempts attempts;
    private final Lookout lookout;
    private final Course course;
    private final Ledger ledger;
    /** Whether processes died here again and again: then the first round has to bring the run to another checkpoint. */
    private final boolean careful;
    /** Whether the end of the next round has a checkpoint, be it due or not. */
    private boolean soon;

    private Shared shared;
    private Turn turn;
    private StepStats stats = new StepStats(Double.NaN, Double.NaN, 0);
    private boolean timing;
    private long waitingForBatch;
    private long restingSince;
    private long exchange;
    private Duration round = Duration.ZERO;

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
        attempts = new TurnAttempts(run, tools.store(), tools.patience(), leads);
        moves = new Moves(run, tools.pool(), replicas, deltas, attempts, leads);
        lookout = new Lookout(run, tools, replicas, deltas);
        course = new Course(run, tools.config(), tools.metrics(), learner, from, validation, leads, () -> stats);
        ledger = course.ledger;
        shared = Shared.at(learner.vector(), momentum(), from.outer());
        if (!complete()) {
            deltas.begin(shared, ledger.step());
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
        return course.complete();
    }

    @Override
    public Progress progress() {
        return course.progress()
                .with(new Around(
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
        return replicas.lacks().or(lookout::lacks).map(any -> course.progress().step());
    }

    @Override
    public Optional<String> problem() {
        return deltas.problem().or(replicas::problem);
    }

    @Override
    public long stepsSinceSnapshot() {
        return course.stepsSinceSnapshot();
    }

    @Override
    public void advance()
            throws InterruptedException, RunFailedException, StoppedException, LeftAloneException, StrayedException {
        if (!validation.isReady(POLL)) {
            return;
        }
        try {
            move();
        } catch (RuntimeException | Error e) {
            attempts.died(e);
            throw e;
        }
    }

    private void move()
            throws InterruptedException, RunFailedException, StoppedException, LeftAloneException, StrayedException {
        replicas.check();
        if (deltas.takeLost()) {
            replicas.forget();
        }
        if (turn != null && (deltas.has(turn.replica()) || !replicas.holds(turn.replica()))) {
            // Somebody else has settled it, or will.
            turn = null;
        }
        if (turn == null || !step()) {
            moves.make();
        }
        if (turn == null) {
            beginTurn();
        }
        deltas.poll(turn == null ? POLL : Duration.ZERO);
        if (deltas.isWhole()) {
            end();
            return;
        }
        Optional<StrayedException> astray = deltas.astray(longer(DOUBT, round.multipliedBy(2)));
        if (astray.isPresent()) {
            throw astray.get();
        }
        Duration late = longer(LATE, round.multipliedBy(3));
        if (lead.isPresent() && restingSince != 0 && System.nanoTime() - restingSince >= late.toNanos()) {
            lookout.look(ledger, late);
        }
    }

    private void beginTurn() throws InterruptedException, StoppedException, RunFailedException, LeftAloneException {
        for (int replica : replicas.held()) {
            if (deltas.lacks(replica) && !replicas.hasShared(replica, deltas.to())) {
                attempts.begin(replica, ledger.step());
                turn = new Turn(run, learner, shared, deltas.digest(), replica, ledger.step(), deltas.to());
                restingSince = 0;
                if (!timing) {
                    course.timer.begin();
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
        course.timer.waited(waitingForBatch);
        waitingForBatch = 0;
        turn.step(batch.get(), course.rate(turn.step()));
        int samples = batch.get().images().map(images -> images.size()).orElse(0);
        tools.metrics().stepped(course.progress(), samples, samples == 0 ? 1 : 0, System.nanoTime() - now);
        if (turn.isDone()) {
            since = System.nanoTime();
            replicas.share(turn.delta());
            exchange += System.nanoTime() - since;
            turn = null;
        }
        return true;
    }

    /** What all replicas learnt is here. */
    private void end() throws RunFailedException, InterruptedException, StoppedException {
        long since = System.nanoTime();
        long waited = restingSince == 0 ? 0 : since - restingSince;
        long from = ledger.step();
        List<Delta> all = deltas.takeRound();
        shared = RoundRule.end(run, learner, shared, all, course.rate(from));
        turn = null;
        ledger.enter(run, all);
        course.rate(ledger.step() - 1);
        stats = stats(all);
        course.readLoss();
        exchange += System.nanoTime() - since;
        if (timing) {
            round = Duration.ofNanos(course.timer.end(stats.samples(), ledger.step() - from));
            timing = false;
        }
        course.move();
        tools.metrics().roundEnded(course.progress(), waited, exchange);
        exchange = 0;
        restingSince = 0;
        lookout.rest();
        strays.reached(run.incarnation(), ledger.step());
        attempts.reached();
        books(from);
        if (!complete()) {
            thaw();
            deltas.begin(shared, ledger.step());
        }
    }

    /** What is done after a step elsewhere, where it falls into the round that began with one. */
    private void books(long from) throws RunFailedException, InterruptedException {
        boolean epochEnds = course.epochEnds();
        boolean checkpointDue = lead.isPresent()
                && (epochEnds || soon || passed(from, run.recipe().checkpointEverySteps()));
        List<Tensor> weights = checkpointDue || epochEnds ? weights() : List.of();
        if (epochEnds) {
            course.validate(weights);
        }
        course.requireEnough();
        if (lead.isPresent() && (epochEnds || passed(from, tools.config().statsEverySteps()))) {
            lead.get().writer().add(course.point());
        }
        if (checkpointDue) {
            snapshot(weights);
        }
        if (epochEnds) {
            course.sayEpochEnded();
        }
    }

    private boolean passed(long from, int every) {
        return every > 0 && ledger.step() / every > from / every;
    }

    /** Copies of the weights as all have them. */
    private List<Tensor> weights() throws RunFailedException {
        learner.assign(shared.vector());
        return course.weights();
    }

    /** With an epoch, what was frozen may be trained from then on. */
    private void thaw() {
        if (course.epochEnds()) {
            learner.assign(shared.vector());
            if (learner.beginEpoch(course.epochs())) {
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
        List<Tensor> state = Stream.concat(learner.optimizerState().stream(), shared.state().stream())
                .toList();
        lead.orElseThrow()
                .checkpointer()
                .submit(course.snapshot(weights, state, position -> position.withDeltas(deltas.next())));
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

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    @Override
    public void close() {
        lookout.close();
        attempts.close();
        replicas.close();
        deltas.close();
    }
}
