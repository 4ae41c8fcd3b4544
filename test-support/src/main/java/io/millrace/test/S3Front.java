// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes requests on to a server of S3, unless it is told otherwise. */
public final class S3Front implements AutoCloseable {
    /** What goes wrong. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** 503, as of a server that has too much to do. */
        BUSY,
        /** No answer, until the fault is another one. */
        SILENT,
        /** An upload is cut off in its middle. */
        CUT,
        /** An upload gets stuck in its middle, until the fault is another one; then it is cut off. */
        STUCK,
        /** An upload arrives, and its answer does not; once. */
        ANSWER_LOST,
        /** 501 to conditions: a server that does not know them and says so. */
        UNCONDITIONAL
    }

    private final Path directory;
    private final int port;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "s3-front");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger uploads = new AtomicInteger();
    private volatile Fault fault = Fault.NONE;
    private volatile boolean conditional;
    private volatile CountDownLatch change = new CountDownLatch(1);
    private volatile CountDownLatch held = new CountDownLatch(1);

    S3Front(Path directory, int port) throws IOException {
        this.directory = directory;
        this.port = port;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What goes wrong from now on. */
    public void set(Fault next) {
        fault = next;
        held = new CountDownLatch(1);
        change.countDown();
        change = new CountDownLatch(1);
    }

    /** From now on {@code If-None-Match: *} is heeded, as AWS does. */
    public void knowConditions() {
        conditional = true;
    }

    /** Waits until a request hangs on the fault. */
    public void awaitHeld() throws InterruptedException {
        held.await();
    }

    /** Uploads that were passed on so far. */
    public int uploads() {
        return uploads.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean upload = exchange.getRequestMethod().equals("PUT");
            boolean unless = exchange.getRequestHeaders().containsKey("If-None-Match");
            switch (fault) {
                case BUSY -> answer(exchange, 503, "SlowDown");
                case SILENT -> hold();
                case CUT, STUCK -> pass(exchange, upload);
                default -> {
                    if (unless && fault == Fault.UNCONDITIONAL) {
                        answer(exchange, 501, "NotImplemented");
                    } else if (unless && conditional && Files.exists(file(exchange))) {
                        answer(exchange, 412, "PreconditionFailed");
                    } else {
                        pass(exchange, false);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path file(HttpExchange exchange) {
        return directory.resolve(exchange.getRequestURI().getPath().substring(1));
    }

    private void hold() throws InterruptedException {
        CountDownLatch until = change;
        held.countDown();
        until.await();
    }

    private static void answer(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] body = ("<Error><Code>" + code + "</Code></Error>").getBytes(ISO_8859_1);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private void pass(HttpExchange exchange, boolean cut) throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(head(exchange).getBytes(ISO_8859_1));
            out.write(body, 0, cut ? body.length / 2 : body.length);
            if (cut) {
                if (fault == Fault.STUCK) {
                    hold();
                }
                return;
            }
            if (exchange.getRequestMethod().equals("PUT")) {
                uploads.incrementAndGet();
            }
            Answer answer = Answer.read(socket.getInputStream());
            if (fault == Fault.ANSWER_LOST && exchange.getRequestMethod().equals("PUT")) {
                fault = Fault.NONE;
                return;
            }
            answer.send(exchange);
        }
    }

    /** As HTTP 1.0, to which nobody answers in chunks. The names of the other headers stay: they are signed. */
    private static String head(HttpExchange exchange) {
        StringBuilder head = new StringBuilder()
                .append(exchange.getRequestMethod())
                .append(' ')
                .append(exchange.getRequestURI())
                .append(" HTTP/1.0\r\n");
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!name.equalsIgnoreCase("Connection") && !name.equalsIgnoreCase("Expect")) {
                values.forEach(
                        value -> head.append(name).append(": ").append(value).append("\r\n"));
            }
        });
        return head.append("\r\n").toString();
    }

    private record Answer(int status, Iterable<String> headers, byte[] body) {
        static Answer read(InputStream in) throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("the server hung up");
                }
                head.write(next);
            }
            String[] lines = head.toString(ISO_8859_1).split("\r\n");
            return new Answer(
                    Integer.parseInt(lines[0].split(" ")[1]),
                    List.of(lines).subList(1, lines.length),
                    in.readAllBytes());
        }

        void send(HttpExchange exchange) throws IOException {
            Optional<String> length = Optional.empty();
            for (String header : headers) {
                String[] parts = header.split(": *", 2);
                if (parts[0].equalsIgnoreCase("Content-Length")) {
                    length = Optional.of(parts[1]);
                } else if (!parts[0].equalsIgnoreCase("Connection")
                        && !parts[0].equalsIgnoreCase("Transfer-Encoding")) {
                    exchange.getResponseHeaders().add(parts[0], parts[1]);
                }
            }
            if (exchange.getRequestMethod().equals("HEAD") || body.length == 0) {
                length.ifPresent(bytes -> exchange.getResponseHeaders().set("Content-Length", bytes));
                exchange.sendResponseHeaders(status, -1);
            } else {
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        set(Fault.NONE);
        server.stop(0);
        threads.shutdownNow();
    }
}
