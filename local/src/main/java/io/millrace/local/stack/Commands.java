// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.kafka.KafkaConnection;
import io.millrace.local.broker.BrokerMain;
import io.millrace.local.broker.BrokerSettings;
import io.millrace.local.process.ChildSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command lines of the processes.
 *
 * @param installation the programs
 * @param workDir the files
 * @param ports the ports
 * @param token the one that all services ask for
 * @param settings further configuration of all services by their own keys; it wins
 * @param wanted what to train; empty: nothing
 * @param workers how many trainers there are
 */
public record Commands(
        Installation installation,
        WorkDir workDir,
        Ports ports,
        AccessToken token,
        Map<String, String> settings,
        Optional<WantedRun> wanted,
        int workers) {
    /** For a process that is to be there soon and has little Java to do: the processor belongs to the training. */
    private static final String FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1";

    /** Of a stack that trains a run. */
    public Commands(
            Installation installation, WorkDir workDir, Ports ports, AccessToken token, WantedRun run, int workers) {
        this(installation, workDir, ports, token, run.settings(), Optional.of(run), workers);
    }

    /** What there is to start. */
    public List<Part> parts() {
        return Part.all(workers);
    }

    /** What to train. */
    public WantedRun run() {
        return wanted.orElseThrow();
    }

    /** How to reach the broker, with the settings that the services have. */
    public KafkaConnection kafka() {
        return Connections.of(ports, settings, System.getenv());
    }

    /**
     * One of them.
     *
     * @param more configuration of a service that was not known before
     */
    ChildSpec of(Part part, Map<String, String> more) throws IOException {
        List<String> command = part == Part.BROKER ? broker() : service(part, more);
        // Scoring takes what the training leaves: at equal rights a busy third thread on two processors stops two that
        // wait for each other after every operation. It starts like everybody, so as not to start during the training.
        return new ChildSpec(part.label(), command, workDir.log(part.label()), part == Part.EVALUATOR);
    }

    private List<String> broker() throws IOException {
        Path file = new BrokerSettings(workDir.broker(), ports.of(Part.BROKER), ports.controller()).write();
        List<String> command = java(Part.BROKER);
        command.add(FIRST_COMPILER_ONLY);
        command.addAll(List.of("-cp", installation.broker().toString(), BrokerMain.class.getName(), file.toString()));
        return command;
    }

    private List<String> service(Part service, Map<String, String> more) throws IOException {
        List<String> command = java(service);
        if (service != Part.INFERENCE) {
            command.add(FIRST_COMPILER_ONLY);
        }
        if (service == Part.EVALUATOR || service == Part.INFERENCE) {
            // Beside a training that wants all processors: two teams of spinning threads hinder each other more than
            // either helps itself.
            int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            command.add("-Dmillrace.threads=" + threads);
        }
        configuration(service, more).forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", installation.service(service).toString()));
        return command;
    }

    private List<String> java(Part part) {
        List<String> command = new ArrayList<>(List.of(
                installation.java().toString(),
                "-javaagent:" + installation.tether(),
                "-Xms" + 2 * part.youngMib() + "m",
                "-Xmn" + part.youngMib() + "m",
                "-Xmx" + part.heap(),
                "-XX:+UseSerialGC",
                // Statistics for jstat: a thread in every process that wakes twenty times a second.
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                // What a JVM has to say when native code fails belongs to the logs, not to where the user happens to
                // be.
                "-XX:ErrorFile=" + workDir.log(part.label() + "-crash-%p").path(),
                "-Djava.awt.headless=true"));
        command.addAll(Running.marks(part, ports, workDir));
        return command;
    }

    private Map<String, String> configuration(Part service, Map<String, String> more) throws IOException {
        Map<String, String> configuration = new LinkedHashMap<>();
        configuration.put("kafka.bootstrap.servers", ports.bootstrapServers());
        configuration.put("quarkus.http.host", "127.0.0.1");
        configuration.put("quarkus.http.port", Integer.toString(ports.of(service)));
        configuration.put("quarkus.management.host", "127.0.0.1");
        configuration.put("quarkus.management.port", Integer.toString(ports.management(service)));
        if (service == Part.INFERENCE) {
            configuration.put("millrace.inference.grpc-port", Integer.toString(ports.grpc()));
        }
        Optional<String> digest = token.digestLine();
        if (digest.isPresent()) {
            // The token stands on no command line; its digest need not either.
            configuration.put(
                    "millrace.auth.tokens-file", workDir.tokens(digest.get()).toString());
        }
        if (service == Part.DATASET) {
            wanted.ifPresent(run -> configuration.putAll(run.configuration()));
            // Others have ordered theirs for whenever there is time; this one somebody waits for.
            configuration.put("millrace.dataset.run.first", "true");
            configuration.put("millrace.dataset.cache-dir", workDir.cache().toString());
        } else {
            configuration.put("millrace.checkpoints.uri", workDir.checkpoints());
        }
        if (service == Part.INFERENCE && wanted.isPresent()) {
            configuration.put("millrace.page.dataset", ports.uri(Part.DATASET).toString());
            configuration.put("millrace.page.trainer", ports.uri(Part.TRAINER).toString());
            configuration.put(
                    "millrace.page.evaluator", ports.uri(Part.EVALUATOR).toString());
        }
        if (service.isTrainer()) {
            configuration.put("millrace.trainer.pool.worker", service.label());
            if (workers > 1) {
                // Each a part of the processors; a run keeps what it began with, wherever it goes on.
                int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / workers);
                configuration.put("millrace.trainer.threads", Integer.toString(threads));
            }
        }
        configuration.putAll(more);
        configuration.putAll(settings);
        return configuration;
    }
}
