// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.Torch;
import io.millrace.model.UnavailableComputeException;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.consume.StepSource;
import io.millrace.trainer.start.StartingWeights;
import io.millrace.trainer.start.WeightsCache;
import io.millrace.trainer.training.Replay;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Trains a run again and compares what comes out with what is in the store. It reads the run's log and the store, writes to
 * neither, and is no member of the pool. The {@code millrace} command starts it with arguments that it has checked, and how
 * Kafka is reached in the environment. The exit code is 0 where all is identical, 1 where something differs, and where it
 * cannot be done, which is said in one line.
 *
 * <pre>
 * RUN_SPEC_FILE STORE BOOTSTRAP_SERVERS FROM_STEP TO_STEP
 * </pre>
 *
 * A step of -1 was not given. What the log does not hold cannot be had.
 */
public final class ReplayMain {
    private static final int NOT_GIVEN = -1;
    /** As of a shell, of who was sent SIGINT. */
    private static final int INTERRUPTED = 130;

    private static final String CPU = "cpu";

    private final RunSpec run;
    private final CheckpointStore store;
    private final PrintStream out;
    private final TrainerConfig config = config();

    private ReplayMain(RunSpec run, CheckpointStore store, PrintStream out) {
        this.run = run;
        this.store = store;
        this.out = out;
    }

    public static void main(String[] arguments) throws InterruptedException {
        // What the loop says to the logs of a service is no part of the answer.
        Logger.getLogger("").setLevel(Level.SEVERE);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
        // An orderly exit would tear PyTorch down under a step that still runs, which crashes.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(INTERRUPTED)));
        int code = 1;
        try {
            RunSpec run = EventCodec.decode(Files.readAllBytes(Path.of(arguments[0])), RunSpec.class);
            Path root = Path.of(arguments[1]);
            code = new ReplayMain(run, new DirectoryCheckpointStore(root), out)
                    .replay(
                            KafkaConnection.of(System.getenv(), arguments[2]),
                            new WeightsCache(root.resolve("weights"), config().downloadTimeout(), () -> false),
                            Long.parseLong(arguments[3]),
                            Long.parseLong(arguments[4]));
        } catch (MalformedEventException e) {
            err.println("millrace: the order of the run cannot be read: " + e.getMessage());
        } catch (RefusedRequestException | UnavailableComputeException | IOException | UncheckedIOException e) {
            err.println("millrace: " + e.getMessage());
        }
        Runtime.getRuntime().halt(code);
    }

    /** The defaults, since a run's own settings are its recipe's; nothing is given up that the run was not. */
    private static TrainerConfig config() {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(TrainerConfig.class)
                .withSources(new PropertiesConfigSource(Map.of("millrace.trainer.max-lost-ratio", "1"), "replay", 500))
                .build()
                .getConfigMapping(TrainerConfig.class);
    }

    private int replay(KafkaConnection kafka, WeightsCache cache, long from, long to)
            throws IOException, InterruptedException, UnavailableComputeException {
        List<StoredCheckpoint> all = store.list(run.incarnation());
        if (all.isEmpty()) {
            throw new RefusedRequestException("the store has no checkpoint of run " + run.runId()
                    + ", so there is nothing to compare; a run writes the first one after "
                    + firstCheckpoint() + " steps, and retention keeps the latest and the best");
        }
        Optional<ResumePoint> at = from > 0 ? newest(all, from) : Optional.empty();
        long begin = at.map(point -> point.state().position().step()).orElse(0L);
        List<StoredCheckpoint> wanted = all.stream()
                .filter(each -> each.step() > begin && each.step() >= from && (to == NOT_GIVEN || each.step() <= to))
                .toList();
        if (wanted.isEmpty()) {
            throw new RefusedRequestException("no checkpoint of run " + run.runId() + " lies behind step "
                    + Math.max(begin, from - 1) + (to == NOT_GIVEN ? "" : " and up to step " + to)
                    + "; the store has those of the steps "
                    + all.stream().map(StoredCheckpoint::step).distinct().toList());
        }
        Found known = known(at, wanted);
        Compute compute = compute(known);
        Optional<StartingWeights> weights =
                weights(at, cache, known.checkpoint().metadata().start());
        Comparison comparison = new Comparison(store, wanted, out::println);
        List<String> obstacles = obstacles(compute);
        say(compute, begin, comparison.last(), obstacles);
        TrainerMetrics metrics = new TrainerMetrics(new SimpleMeterRegistry());
        Position position = at.map(point -> point.state().position()).orElse(Position.START);
        StepSource log = BatchReader.again(
                kafka,
                run,
                position,
                config.prefetch().steps(),
                config.prefetch().bytes().asLongValue(),
                metrics);
        StepSource steps = new RecordedSteps(log, store.batches(run.incarnation()));
        try (Replay replay = new Replay(run, at, compute, weights, config, metrics, kafka, steps, comparison)) {
            replay.to(comparison.last());
        }
        return concluded(comparison, obstacles);
    }

    private String firstCheckpoint() {
        int every = run.recipe().checkpointEverySteps();
        return String.valueOf(every > 0 ? Math.min(every, run.batchesPerEpoch()) : run.batchesPerEpoch());
    }

    /** The newest checkpoint at or before a step that can be gone on from; one that is not whole is passed over, and said. */
    private Optional<ResumePoint> newest(List<StoredCheckpoint> all, long upTo) throws IOException {
        List<StoredCheckpoint> candidates = new ArrayList<>(all);
        candidates.removeIf(each -> each.step() > upTo);
        candidates.sort(Comparator.comparingLong(StoredCheckpoint::step).reversed());
        for (StoredCheckpoint candidate : candidates) {
            try {
                Found found = store.read(candidate);
                Optional<TrainingState> state = store.state(found);
                if (state.isPresent()) {
                    return Optional.of(new ResumePoint(found.ref(), found.checkpoint(), state.get()));
                }
            } catch (CorruptCheckpointException e) {
                out.println("passed over: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** A checkpoint that says how the run was computed. */
    private Found known(Optional<ResumePoint> at, List<StoredCheckpoint> wanted) throws IOException {
        if (at.isPresent()) {
            return new Found(at.get().ref(), at.get().checkpoint());
        }
        String why = "";
        for (StoredCheckpoint each : wanted) {
            try {
                return store.read(each);
            } catch (CorruptCheckpointException e) {
                why = e.getMessage();
            }
        }
        throw new RefusedRequestException(
                "no checkpoint of run " + run.runId() + " can be read, so nothing says how it was computed: " + why);
    }

    private Compute compute(Found known) {
        Compute compute = known.checkpoint().metadata().compute();
        if (compute == null) {
            throw new RefusedRequestException("checkpoint " + known.ref().checkpointId()
                    + " is of an older version, which did not say what its weights were computed with (precision,"
                    + " layout, threads); such a run cannot be replayed");
        }
        return compute;
    }

    private Optional<StartingWeights> weights(Optional<ResumePoint> at, WeightsCache cache, Lineage lineage)
            throws IOException {
        if (at.isPresent() || run.start() == null) {
            return Optional.empty();
        }
        StartingWeights weights = StartingWeights.of(run, store, cache);
        if (lineage != null
                && !Objects.equals(lineage.sha256(), weights.lineage().sha256())) {
            throw new RefusedRequestException("the weights " + lineage.weights() + ", from which run " + run.runId()
                    + " started, had SHA-256 " + lineage.sha256() + ", and have "
                    + weights.lineage().sha256() + " now; put the file back, or replay --from a later checkpoint");
        }
        return Optional.of(weights);
    }

    /** Begins to compute as the run did. @return why bits may come out otherwise all the same */
    private static List<String> obstacles(Compute compute) throws UnavailableComputeException {
        List<String> obstacles = new ArrayList<>(Torch.use(compute));
        if (!compute.device().equals(CPU)) {
            obstacles.add("device " + compute.device() + ", whose kernels may add in any order");
        }
        return obstacles;
    }

    private void say(Compute compute, long begin, long last, List<String> obstacles) {
        out.println("run " + run.runId() + " again, from step " + begin + " to " + last + ": "
                + compute.precision().name().toLowerCase(Locale.ROOT)
                + (compute.channelsLast() ? ", channels last" : "") + ", " + compute.threads()
                + (compute.threads() == 1 ? " thread, " : " threads, ") + compute.engine() + " on "
                + compute.processor() + ", as it was trained");
        out.println(
                obstacles.isEmpty()
                        ? "the same bits are promised: processor, engine, threads, precision and layout are the run's"
                        : "the same bits are not promised here: " + String.join("; ", obstacles));
    }

    private int concluded(Comparison comparison, List<String> obstacles) {
        int files = comparison.identical() + comparison.different();
        if (comparison.different() == 0) {
            out.println(files == 1 ? "the one file is identical" : "all " + files + " files are identical");
            return 0;
        }
        out.println(comparison.different() + " of " + files + (files == 1 ? " file differs" : " files differ")
                + (obstacles.isEmpty() ? "" : ", which the same bits were not promised for"));
        return 1;
    }
}
