// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.safetensors;

import io.millrace.contracts.safetensors.MalformedSafetensorsException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The content of a safetensors file. Reading gives views into the given bytes; writing streams the tensors' own buffers.
 * Immutable as far as the buffers are left alone.
 */
public final class Safetensors {
    private final Map<String, String> metadata;
    private final Map<String, Tensor> tensors;

    private Safetensors(Map<String, String> metadata, Map<String, Tensor> tensors) {
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /** Of these tensors, in this order, with this metadata. */
    public static Safetensors of(Map<String, String> metadata, List<Tensor> tensors) {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        for (Tensor tensor : tensors) {
            if (byName.put(tensor.name(), tensor) != null) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name());
            }
        }
        return new Safetensors(new LinkedHashMap<>(metadata), byName);
    }

    /**
     * Reads bytes, from the buffer's position to its limit. The tensors are views into it.
     *
     * @throws MalformedSafetensorsException naming what is wrong
     */
    public static Safetensors parse(ByteBuffer bytes) throws MalformedSafetensorsException {
        ByteBuffer all = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (all.remaining() < Long.BYTES) {
            throw new MalformedSafetensorsException(
                    Reason.TOO_SHORT, "it has " + all.remaining() + " bytes, the header length alone takes 8");
        }
        long headerLength = all.getLong();
        if (headerLength < 0 || headerLength > Header.MAX_LENGTH) {
            throw new MalformedSafetensorsException(
                    Reason.HEADER_TOO_LARGE,
                    "a header of " + Long.toUnsignedString(headerLength) + " bytes is over " + Header.MAX_LENGTH);
        }
        if (headerLength > all.remaining()) {
            throw new MalformedSafetensorsException(
                    Reason.HEADER_TRUNCATED,
                    "the header should have " + headerLength + " bytes, " + all.remaining() + " are there");
        }
        byte[] json = new byte[(int) headerLength];
        all.get(json);
        Header header = Header.parse(json);
        return new Safetensors(header.metadata(), header.tensors(all.slice()));
    }

    /**
     * Reads a whole file into memory outside the heap.
     *
     * @throws MalformedSafetensorsException when it is no safetensors file
     */
    public static Safetensors read(Path file) throws IOException {
        return parse(readFully(file));
    }

    /** The bytes of a file in a direct buffer. A copy, not a mapping: a file cut short meanwhile must not kill the JVM. */
    public static ByteBuffer readFully(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(channel.size()));
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new EOFException(file + " became shorter while it was read");
                }
            }
            return bytes.flip();
        }
    }

    /** The free-form strings of the header. */
    public Map<String, String> metadata() {
        return Map.copyOf(metadata);
    }

    /** All tensors, in the order of the file. */
    public Collection<Tensor> tensors() {
        return List.copyOf(tensors.values());
    }

    /** Whether there is a tensor of a name. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * The tensor of a name.
     *
     * @throws MalformedSafetensorsException when there is none
     */
    public Tensor tensor(String name) throws MalformedSafetensorsException {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new MalformedSafetensorsException(
                    Reason.MISSING_TENSOR, "no tensor \"" + name + "\" among " + tensors.keySet());
        }
        return tensor;
    }

    /** The file in pieces, from each buffer's position to its limit: the header, then each tensor's own buffer. */
    public List<ByteBuffer> buffers() {
        return Stream.concat(
                        Stream.of(Header.encode(metadata, tensors.values())),
                        tensors.values().stream().map(Tensor::data))
                .toList();
    }

    /**
     * Streams the file.
     *
     * @return the number of bytes written
     */
    public long writeTo(WritableByteChannel out) throws IOException {
        long written = 0;
        for (ByteBuffer bytes : buffers()) {
            while (bytes.hasRemaining()) {
                written += out.write(bytes);
            }
        }
        return written;
    }

    /** The size of the file in bytes. */
    public long size() {
        return buffers().stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** The file as one array, for what travels as a record. */
    public byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size()));
        buffers().forEach(out::put);
        return out.array();
    }
}
