// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The half of {@code benchmarks/serving} that sends: requests, made by others, at times that are fixed beforehand. Only to this
 * machine. One line of JSON comes out; latencies are in milliseconds from the moment that a request was to be sent, and null where
 * so many failed that there is none.
 */
@Command(name = "load", mixinStandardHelpOptions = true)
final class Load implements Callable<Integer> {
    @Option(names = "--requests", required = true, description = "Folder of whole HTTP/1.1 requests, sent in turns.")
    private Path requests;

    @Option(names = "--port", required = true, description = "Of the server, on 127.0.0.1.")
    private int port;

    @Option(names = "--rate", description = "Requests a second, at random times; without: one after the other.")
    private Double rate;

    @Option(names = "--warm-up", defaultValue = "3", description = "Seconds that are not counted (${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(names = "--seconds", defaultValue = "60", description = "Seconds that are (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--connections",
            defaultValue = "512",
            description = "Requests at one time, at the most; those beyond wait, and that counts (${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--seed", defaultValue = "1", description = "Of the times (${DEFAULT-VALUE}).")
    private long seed;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Load()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (!(seconds > 0) || warmUp < 0 || connections < 1 || rate != null && !(rate > 0)) {
            throw new IllegalArgumentException(
                    "--seconds and --rate must be above 0, --warm-up not below, --connections at least 1");
        }
        InetSocketAddress server = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
        List<byte[]> read = read(requests);
        Schedule schedule = rate == null ? Schedule.oneAfterTheOther() : Schedule.atRandom(rate, seed);
        OpenLoop loop = new OpenLoop(server, read, schedule, rate == null ? 1 : connections);
        Latencies latencies = loop.run(seconds(warmUp), seconds(seconds));
        System.out.println(json(latencies));
        return 0;
    }

    private static Duration seconds(double value) {
        return Duration.ofNanos((long) (value * 1e9));
    }

    private static List<byte[]> read(Path folder) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> names = Files.list(folder)) {
            for (Path file : names.sorted().toList()) {
                files.add(Files.readAllBytes(file));
            }
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("there is no request in " + folder);
        }
        return files;
    }

    private String json(Latencies latencies) {
        return "{\"n\": " + latencies.size() + ", \"answered\": " + latencies.answered() + ", \"seconds\": " + seconds
                + ", \"p50\": " + millis(latencies, 0.5) + ", \"p90\": " + millis(latencies, 0.9) + ", \"p99\": "
                + millis(latencies, 0.99) + ", \"p999\": " + millis(latencies, 0.999) + ", \"max\": "
                + millis(latencies, 1) + ", \"failures\": {" + failures(latencies.failures())
                + "}, \"processorSeconds\": "
                + ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                                .getProcessCpuTime()
                        / 1e9
                + "}";
    }

    private static String millis(Latencies latencies, double quantile) {
        double nanos = latencies.quantile(quantile);
        return Double.isFinite(nanos) ? String.format(Locale.ROOT, "%.3f", nanos / 1e6) : "null";
    }

    private static String failures(Map<String, Integer> failures) {
        return failures.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\": " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
