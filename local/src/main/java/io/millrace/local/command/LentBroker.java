// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.kafka.KafkaConnection;
import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Connections;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.Running;
import io.millrace.local.stack.Stack;
import io.millrace.local.stack.WorkDir;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The broker of a work directory, for a command that looks into its topics: that of the stack which runs there, or one that
 * is started for as long as the command takes. {@link #close} may be called from any thread.
 */
final class LentBroker implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;

    private final Ports ports;
    private final Path workDir;
    /** Null where it was there. */
    private final Own own;

    private record Own(WorkDir workDir, Stack stack) {}

    private LentBroker(Ports ports, Path workDir, Own own) {
        this.ports = ports;
        this.workDir = workDir;
        this.own = own;
    }

    /**
     * Finds it, or starts it and waits for it.
     *
     * @param wanted the work directory; empty: that of the stack at these ports, where one runs
     * @throws Refusal when there is no such directory, or another stack is at its ports, or uses it
     */
    static LentBroker of(Optional<Path> wanted, Ports ports) throws InterruptedException, IOException {
        Optional<Path> running =
                Optional.ofNullable(Running.at(ports).get(Part.BROKER)).map(Running::workDir);
        Path path = WorkDir.existing(wanted.or(() -> running).orElse(Path.of(WorkDirOption.DEFAULT)))
                .path();
        if (running.isPresent() && !running.get().equals(path)) {
            throw new Refusal("the stack at port " + ports.base() + " is that of the work directory " + running.get()
                    + ", not of " + path + ". Leave --work-dir out, or choose other ports with --port N");
        }
        Endpoints endpoints = new Endpoints(ports, AccessToken.NONE);
        if (endpoints.condition(Part.BROKER).ready()) {
            return new LentBroker(ports, path, null);
        }
        Installation installation = Installation.own();
        installation.requireBuilt(List.of(Part.BROKER));
        WorkDir opened = WorkDir.open(path);
        Processes processes = new Processes(event -> {});
        Commands commands = new Commands(installation, opened, ports, AccessToken.NONE, Map.of(), Optional.empty(), 0);
        Stack stack = new Stack(commands, processes);
        LentBroker broker = new LentBroker(ports, path, new Own(opened, stack));
        try {
            ports.requireFree(List.of(Part.BROKER), UpCommand.ENDING);
            stack.start(Part.BROKER, Map.of());
            while (!endpoints.condition(Part.BROKER).ready()) {
                if (processes.failure().isPresent()) {
                    throw new Refusal(Broken.why(commands, processes));
                }
                Thread.sleep(LOOK_MILLIS);
            }
            return broker;
        } catch (InterruptedException | IOException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** How it is reached. */
    KafkaConnection kafka() {
        return Connections.of(ports, Map.of(), System.getenv());
    }

    /** Whose it is. */
    Path workDir() {
        return workDir;
    }

    @Override
    public void close() throws IOException {
        if (own != null) {
            own.stack().close();
            own.workDir().close();
        }
    }
}
