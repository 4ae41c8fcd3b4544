// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A file of events for TensorBoard. Fields by their numbers in TensorFlow's <a
 * href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">event.proto</a> and <a
 * href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/summary.proto">summary.proto</a>, and
 * TensorBoard's <a
 * href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/plugins/hparams/plugin_data.proto">plugin_data.proto</a>.
 * Not thread-safe.
 */
final class EventFile implements Closeable {
    /** By what TensorBoard finds a file. */
    private static final String PREFIX = "events.out.tfevents.";

    private static final int RGB = 3;

    private final OutputStream out;

    private EventFile(OutputStream out) {
        this.out = out;
    }

    /**
     * A new file in the folder of a run, in place of those that are there: a file tells a run from its beginning.
     *
     * @param at when it begins; a later one is read by a TensorBoard that has an earlier one open
     */
    static EventFile anew(Path folder, Instant at) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path old : files.filter(each -> each.getFileName().toString().startsWith(PREFIX))
                    .toList()) {
                Files.delete(old);
            }
        }
        Path path = folder.resolve(PREFIX + at.getEpochSecond() + "." + at.getNano() + ".millrace");
        EventFile file = new EventFile(new BufferedOutputStream(Files.newOutputStream(path)));
        file.write(new Message().real(1, seconds(at)).text(3, "brain.Event:2"));
        return file;
    }

    void scalar(String tag, long step, Instant at, double value) throws IOException {
        summary(step, at, new Message().text(1, tag).single(2, (float) value));
    }

    /** A PNG file as an image. */
    void image(String tag, long step, Instant at, byte[] png) throws IOException {
        // Width and height stand behind the signature and the begin of the first chunk.
        Message image = new Message()
                .integer(1, ByteBuffer.wrap(png).getInt(20))
                .integer(2, ByteBuffer.wrap(png).getInt(16))
                .integer(3, RGB)
                .bytes(4, png);
        summary(step, at, new Message().text(1, tag).message(4, image));
    }

    void histogram(String tag, long step, Instant at, Histogram histogram) throws IOException {
        summary(step, at, new Message().text(1, tag).message(5, histogram.message()));
    }

    /** A network's graph. */
    void graph(List<GraphNode> nodes, Instant at) throws IOException {
        Message graph = new Message();
        nodes.forEach(node -> graph.message(1, node.message()));
        graph.message(4, new Message().integer(1, 22));
        write(new Message().real(1, seconds(at)).bytes(4, graph.toBytes()));
    }

    /** The hyper-parameters of a run: texts, numbers, and what is true or false. */
    void hyperParameters(String group, Instant at, Map<String, Object> parameters) throws IOException {
        Message session = new Message();
        parameters.forEach(
                (name, value) -> session.message(1, new Message().text(1, name).message(2, value(value))));
        session.text(4, group).real(5, seconds(at));
        parameters("session_start_info", at, new Message().message(3, session));
    }

    /** That a run has ended, as it should or not. */
    void ended(boolean well, Instant at) throws IOException {
        Message session = new Message().integer(1, well ? 1 : 2).real(2, seconds(at));
        parameters("session_end_info", at, new Message().message(4, session));
    }

    private void parameters(String name, Instant at, Message content) throws IOException {
        Message plugin = new Message().text(1, "hparams").bytes(2, content.toBytes());
        summary(0, at, new Message().text(1, "_hparams_/" + name).message(9, new Message().message(1, plugin)));
    }

    /** As google.protobuf.Value. */
    private static Message value(Object value) {
        if (value instanceof Number number) {
            return new Message().real(2, number.doubleValue());
        }
        return value instanceof Boolean truth ? new Message().flag(4, truth) : new Message().text(3, value.toString());
    }

    private void summary(long step, Instant at, Message value) throws IOException {
        write(new Message().real(1, seconds(at)).integer(2, step).message(5, new Message().message(1, value)));
    }

    private void write(Message event) throws IOException {
        Records.write(out, event.toBytes());
    }

    private static double seconds(Instant at) {
        return at.getEpochSecond() + at.getNano() / 1e9;
    }

    /** Lets readers see what was written. */
    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
