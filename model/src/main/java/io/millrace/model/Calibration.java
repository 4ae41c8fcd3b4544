// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipe.Freeze;
import io.millrace.contracts.event.Recipe.Group;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Resolves what decides a run's bits, once, before its first step. What {@code auto} means is measured with a few steps and
 * kept; while that is there, the same run is resolved alike. For the thread that trains.
 */
public final class Calibration {
    private final CalibrationMemory memory;
    private final Consumer<String> said;
    private final BiFunction<RunSpec, Subject, Measured> trial;

    /**
     * With a file.
     *
     * @param file JSON; need not exist yet
     * @param said is told in a sentence what was measured, and what is wrong with the file
     */
    public Calibration(Path file, Consumer<String> said) {
        this(new CalibrationMemory.InFile(file.toAbsolutePath()), said, StepTrial::of);
    }

    /**
     * With a checkpoint store, for all who use it.
     *
     * @param said as above
     */
    public Calibration(CheckpointStore store, Consumer<String> said) {
        this(new CalibrationMemory.InStore(store), said, StepTrial::of);
    }

    Calibration(CalibrationMemory memory, Consumer<String> said, BiFunction<RunSpec, Subject, Measured> trial) {
        this.memory = memory;
        this.said = said;
        this.trial = trial;
    }

    /**
     * What the time of a step depends on.
     *
     * @param frozen patterns of what is never trained; nothing in measurements from before it was told
     */
    record Subject(
            Network network,
            int height,
            int width,
            int batchSize,
            boolean channelsLast,
            String device,
            int threads,
            String processor,
            String engine,
            List<String> frozen) {
        Subject {
            frozen = frozen == null ? List.of() : List.copyOf(frozen);
        }

        private static Subject of(RunSpec run, Compute here) {
            return new Subject(
                    run.network(),
                    run.dataset().height(),
                    run.dataset().width(),
                    (run.inRounds() ? 1 : run.shards())
                            * run.recipe().batchSize()
                            / run.recipe().accumulate(),
                    here.channelsLast(),
                    here.device(),
                    here.threads(),
                    here.processor(),
                    here.engine(),
                    frozen(run.recipe()));
        }

        private static List<String> frozen(Recipe recipe) {
            Freeze freeze = recipe.freeze();
            Stream<String> always =
                    freeze == null || freeze.untilEpoch() != null ? Stream.empty() : freeze.what().stream();
            Stream<String> groups =
                    recipe.groups().stream().filter(Group::frozen).map(Group::pattern);
            return Stream.concat(always, groups).toList();
        }
    }

    /** What a step took; the faster precision is the one to take, and of equals the more exact. */
    record Measured(Subject subject, double fp32Millis, double bf16Millis) {
        Measured {
            Objects.requireNonNull(subject, "subject is missing");
        }

        private Precision faster() {
            return bf16Millis < fp32Millis ? Precision.BF16 : Precision.FP32;
        }
    }

    /** What is kept, as JSON. */
    record Table(List<Measured> measured) {
        Table {
            measured = List.copyOf(measured);
        }
    }

    /** What decides the bits of a run that begins here. */
    public Compute resolve(RunSpec run) {
        Precision wanted = run.recipe().precision();
        if (wanted == Precision.AUTO) {
            wanted = Torch.supportsBf16() ? faster(run) : Precision.FP32;
        }
        return Torch.compute(wanted, run.recipe().channelsLast());
    }

    private Precision faster(RunSpec run) {
        Subject subject =
                Subject.of(run, Torch.compute(Precision.FP32, run.recipe().channelsLast()));
        List<Measured> known = read();
        return known.stream()
                .filter(measured -> measured.subject().equals(subject))
                .findFirst()
                .orElseGet(() -> measure(run, subject, known))
                .faster();
    }

    private List<Measured> read() {
        try {
            List<Measured> known = new ArrayList<>();
            for (byte[] table : memory.read()) {
                known.addAll(EventCodec.decode(table, Table.class).measured());
            }
            return known;
        } catch (IOException | IllegalArgumentException e) {
            said.accept("The calibration " + memory + " cannot be read, so it is measured anew: " + e.getMessage());
            return List.of();
        }
    }

    private Measured measure(RunSpec run, Subject subject, List<Measured> known) {
        long begin = System.nanoTime();
        Measured measured = trial.apply(run, subject);
        said.accept(String.format(
                Locale.ROOT,
                "A step takes %.1f ms in fp32 and %.1f ms in bf16, measured in %.1f s.",
                measured.fp32Millis(),
                measured.bf16Millis(),
                (System.nanoTime() - begin) / 1e9));
        keep(known, measured);
        return measured;
    }

    private void keep(List<Measured> known, Measured measured) {
        try {
            memory.add(known, measured);
        } catch (IOException e) {
            said.accept("The calibration " + memory
                    + " cannot be written, so the next run of this kind may be resolved otherwise: " + e);
        }
    }
}
