// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A real server of S3, <a href="https://github.com/gaul/s3proxy">s3proxy</a> over a directory, as a process of its own, and
 * a {@link S3Front} before it where things go wrong on demand. It passes over {@code If-None-Match} without a word; the front
 * knows it where it is told to.
 */
public final class S3Server implements AutoCloseable {
    /** The one bucket that is there. */
    public static final String BUCKET = "millrace";

    private static final String KEY = "a-key";
    private static final String SECRET = "a-secret";

    private final Path directory;
    private final int port = TestPorts.one();
    private final S3Front front;
    private Process process;

    private S3Server(Path directory) throws IOException {
        this.directory = directory;
        this.front = new S3Front(directory, port);
    }

    /** Starts one over an empty directory. */
    public static S3Server start(Path directory) {
        try {
            Files.createDirectories(directory.resolve(BUCKET));
            S3Server server = new S3Server(directory);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again after {@link #kill}, at its place. */
    public void start() {
        try {
            Path properties = directory.resolveSibling(directory.getFileName() + ".properties");
            Files.write(
                    properties,
                    List.of(
                            "s3proxy.endpoint=http://127.0.0.1:" + port,
                            "s3proxy.authorization=aws-v2-or-v4",
                            "s3proxy.identity=" + KEY,
                            "s3proxy.credential=" + SECRET,
                            "jclouds.provider=filesystem",
                            "jclouds.identity=unused",
                            "jclouds.credential=unused",
                            "jclouds.filesystem.basedir=" + directory));
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Xmx256m",
                            "-jar",
                            Path.of(System.getProperty("millrace.root"), "test-support/target/s3proxy.jar")
                                    .toString(),
                            "--properties",
                            properties.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(Files.createTempFile(Path.of("target"), "s3proxy-", ".log")
                            .toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(Duration.ofMinutes(1))
                .failFast(
                        () -> assertThat(process.isAlive()).as("s3proxy lives").isTrue())
                .until(this::listens);
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The way in, where things can go wrong. */
    public S3Front front() {
        return front;
    }

    /** A file of the bucket: what is there without asking. */
    public Path file(String key) {
        return directory.resolve(BUCKET).resolve(key);
    }

    /** How services reach it, by the keys of their settings, but for the keys. */
    public Map<String, String> settings(String prefix) {
        return Map.of(
                "millrace.checkpoints.uri",
                "s3://" + BUCKET + "/" + prefix,
                "millrace.checkpoints.s3.endpoint",
                front.uri().toString());
    }

    /** The right keys, as variables of the environment. */
    public static Map<String, String> keys() {
        return Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", SECRET);
    }

    @Override
    public void close() {
        front.close();
        kill();
    }
}
