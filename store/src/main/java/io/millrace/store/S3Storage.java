// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import io.millrace.model.checkpoint.CheckpointStore.Space;
import io.millrace.model.checkpoint.ObjectStorage;
import io.millrace.store.StoreAddress.InS3;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Objects of a bucket. Each is written by one request, which the server takes whole or not at all, so a writer that dies
 * leaves nothing; 5 GB is what one request may hold. Buckets are not made here: whoever owns them decides where they are,
 * who may read them and what they cost.
 */
final class S3Storage implements ObjectStorage {
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_IMPLEMENTED = 501;
    private static final String BYTES = "application/octet-stream";

    private final InS3 address;
    private final S3Connection connection;
    /** Until the server says that it knows no conditions. One that passes over them unsaid writes, with the same bytes. */
    private volatile boolean conditional = true;

    S3Storage(InS3 address, S3Connection connection) {
        this.address = address;
        this.connection = connection;
    }

    /** A request, and the failure of it that is to be understood. */
    @FunctionalInterface
    private interface Request<T> {
        T send(S3Client client) throws IOException;
    }

    private <T> T send(Request<T> request) throws IOException {
        try {
            return request.send(connection.client());
        } catch (SdkException e) {
            throw S3Failure.of(e, address, connection.settings());
        }
    }

    @Override
    public void requireWritable() throws IOException {
        String probe = ".probe-" + UUID.randomUUID();
        put(probe, List.of(ByteBuffer.allocate(1)));
        delete(probe);
    }

    @Override
    public Optional<Space> space() {
        return Optional.empty();
    }

    @Override
    public List<Listed> list(String folder) throws IOException {
        String prefix = key(folder) + "/";
        return send(client -> client
                .listObjectsV2Paginator(request ->
                        request.bucket(address.bucket()).prefix(prefix).delimiter("/"))
                .contents()
                .stream()
                .map(object ->
                        new Listed(object.key().substring(prefix.length()), object.size(), object.lastModified()))
                .toList());
    }

    @Override
    public ByteBuffer get(String key) throws IOException {
        String full = key(key);
        return send(client -> {
            try {
                return client.getObject(
                        request -> request.bucket(address.bucket()).key(full),
                        (response, in) -> read(full, response, in));
            } catch (NoSuchKeyException e) {
                throw new NoSuchFileException(address + "/" + key);
            }
        });
    }

    /** Outside the heap, as files are. */
    private static ByteBuffer read(String key, GetObjectResponse response, InputStream in) {
        if (response.contentLength() > Integer.MAX_VALUE) {
            throw new IllegalStateException(
                    key + " has " + response.contentLength() + " bytes, more than any checkpoint");
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(response.contentLength().intValue());
        try {
            ReadableByteChannel channel = Channels.newChannel(in);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new EOFException(
                            "the answer ended after " + bytes.position() + " of " + bytes.limit() + " bytes");
                }
            }
            return bytes.flip();
        } catch (IOException e) {
            throw RetryableException.create("reading " + key + " broke off: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean put(String key, List<ByteBuffer> content) throws IOException {
        if (!conditional) {
            replace(key, content);
            return true;
        }
        PutObjectRequest unless = request(key, content).ifNoneMatch("*").build();
        return send(client -> {
            try {
                client.putObject(unless, body(content));
                return true;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return false;
                }
                if (e.statusCode() != NOT_IMPLEMENTED) {
                    throw e;
                }
                conditional = false;
                replace(key, content);
                return true;
            }
        });
    }

    @Override
    public void replace(String key, List<ByteBuffer> content) throws IOException {
        PutObjectRequest request = request(key, content).build();
        send(client -> client.putObject(request, body(content)));
    }

    /** The digest that every server knows, so that what is cut or altered on the way is refused by it. */
    private PutObjectRequest.Builder request(String key, List<ByteBuffer> content) {
        return PutObjectRequest.builder()
                .bucket(address.bucket())
                .key(key(key))
                .contentType(BYTES)
                .contentMD5(md5(content));
    }

    private static RequestBody body(List<ByteBuffer> content) {
        long size = content.stream().mapToLong(ByteBuffer::remaining).sum();
        return RequestBody.fromContentProvider(() -> new BufferStream(content), size, BYTES);
    }

    private static String md5(List<ByteBuffer> content) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            content.forEach(piece -> md5.update(piece.duplicate()));
            return Base64.getEncoder().encodeToString(md5.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    @Override
    public void delete(String key) throws IOException {
        String full = key(key);
        send(client ->
                client.deleteObject(request -> request.bucket(address.bucket()).key(full)));
    }

    @Override
    public List<String> folders() throws IOException {
        String prefix = address.prefix().isEmpty() ? "" : address.prefix() + "/";
        return send(client -> client
                .listObjectsV2Paginator(request ->
                        request.bucket(address.bucket()).prefix(prefix).delimiter("/"))
                .commonPrefixes()
                .stream()
                .map(folder -> folder.prefix().substring(prefix.length()).replaceFirst("/$", ""))
                .filter(folder -> !folder.isEmpty())
                .toList());
    }

    /** Nothing is ever half there, and folders are but a part of names. */
    @Override
    public void sweep(String folder, Instant before) {}

    /** An object below the prefix, never one outside. */
    private String key(String relative) {
        if (relative.isEmpty() || ("/" + relative + "/").matches(".*/\\.{0,2}/.*")) {
            throw new IllegalArgumentException("\"" + relative + "\" leads out of the checkpoint store");
        }
        return address.prefix().isEmpty() ? relative : address.prefix() + "/" + relative;
    }
}
