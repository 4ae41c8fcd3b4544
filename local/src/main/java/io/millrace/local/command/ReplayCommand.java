// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.insight.RunBook;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.ModelProgram;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace replay}. */
@Command(
        name = "replay",
        description =
                "Trains a run again from its log, computed as it was, and compares what comes out with each of its "
                        + "checkpoints, to the bit. Writes nothing. Exit code 0: all identical; 1: something differs, or it cannot "
                        + "be done.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ReplayCommand implements Callable<Integer> {
    private static final Duration READING = Duration.ofMinutes(2);

    @Spec
    private CommandSpec command;

    @Mixin
    private RunParameter run;

    @Option(
            names = "--from",
            paramLabel = "STEP",
            description =
                    "Begin at the newest checkpoint at or before this step that can be gone on from, instead of at "
                            + "fresh weights, and compare what lies behind it")
    private Long from;

    @Option(names = "--to", paramLabel = "STEP", description = "Compare up to this step. Default: the last checkpoint")
    private Long to;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            description =
                    "Of the stack that trained it. Default: where the processes of a stack that runs say (Linux), else "
                            + WorkDirOption.DEFAULT)
    private Path workDir;

    @Mixin
    private StackOption stack;

    @Override
    public Integer call() throws InterruptedException, IOException {
        requireRange();
        String id = run.id();
        Ports ports = stack.ports();
        if (Rehearsal.on()) {
            return Rehearsal.WOULD_START;
        }
        try (LentBroker broker = LentBroker.of(Optional.ofNullable(workDir), ports)) {
            RunSpec spec;
            try (RunBook book = new RunBook(broker.kafka())) {
                book.catchUp(READING);
                spec = book.find(id).run();
            }
            requireReplayable(spec);
            Path order = Files.createTempFile("millrace-replay-", ".json");
            try {
                Files.write(order, EventCodec.encode(spec));
                return ModelProgram.replay(Installation.own())
                        .run(List.of(
                                order.toString(),
                                broker.workDir().resolve("checkpoints").toString(),
                                ports.bootstrapServers(),
                                step(from),
                                step(to)));
            } finally {
                Files.delete(order);
            }
        }
    }

    private static String step(Long given) {
        return given == null ? "-1" : given.toString();
    }

    private void requireRange() {
        if (from != null && from < 0) {
            throw refused("--from " + from, "a step, from 0 on");
        }
        if (to != null && to < 1) {
            throw refused("--to " + to, "a step, from 1 on");
        }
        if (from != null && to != null && from > to) {
            throw refused("--from " + from + " --to " + to, "in this order: --to must not lie before --from");
        }
    }

    private void requireReplayable(RunSpec spec) {
        if (spec.inRounds()) {
            throw new Refusal("run " + spec.runId()
                    + " was trained by replicas in rounds (recipe.sync), and such a run cannot be replayed yet");
        }
        for (Long step : new Long[] {from, to}) {
            if (step != null && step > spec.steps()) {
                throw refused(
                        (step.equals(to) ? "--to " : "--from ") + step, "a step of the run, which has " + spec.steps());
            }
        }
    }

    private ParameterException refused(String option, String remedy) {
        return new ParameterException(command.commandLine(), option + " will not do; it must be " + remedy);
    }
}
