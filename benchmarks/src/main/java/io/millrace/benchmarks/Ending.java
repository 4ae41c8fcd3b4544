// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a run came to, as its final checkpoint has it. The files themselves differ from run to run, since they name it.
 *
 * @param weights digest over the names, types, shapes and bytes of the weights
 * @param optimizer the same of the optimizer's state
 * @param batches digest of the batches that were trained, in their order
 * @param expected what that is when each was trained once, in order
 * @param lost batches that could not be read
 */
record Ending(String weights, String optimizer, String batches, String expected, long lost) {
    /**
     * Of the only run in a work directory.
     *
     * @param steps that it did
     */
    static Ending of(Path workDir, long steps) throws IOException {
        Path state = only(workDir, "glob:**/step-" + steps + "-*.state.safetensors");
        Path weights = state.resolveSibling(state.getFileName().toString().replace(".state.", "."));
        Safetensors read = Safetensors.read(state);
        JsonNode position = new ObjectMapper().readTree(read.metadata().get("position"));
        return new Ending(
                digest(Safetensors.read(weights)),
                digest(read),
                position.path("batchesDigest").asText(),
                // Not the recipe's epochs: it may have stopped early.
                expected(
                        state.getParent().getFileName().toString(),
                        steps,
                        position.path("epoch").asInt()),
                position.path("lostBatches").asLong());
    }

    private static Path only(Path workDir, String pattern) throws IOException {
        try (Stream<Path> files = Files.walk(workDir.resolve("checkpoints"))) {
            List<Path> found = files.filter(workDir.getFileSystem().getPathMatcher(pattern)::matches)
                    .toList();
            if (found.size() != 1) {
                throw new IOException("there should be one final checkpoint in " + workDir + ", found " + found);
            }
            return found.get(0);
        }
    }

    private static String digest(Safetensors file) {
        MessageDigest sha256 = sha256();
        file.tensors().stream().sorted(Comparator.comparing(Tensor::name)).forEach(tensor -> {
            sha256.update((tensor.name() + tensor.dtype() + tensor.shape()).getBytes(UTF_8));
            sha256.update(tensor.data());
        });
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** {@code d(0)} = 32 zero bytes, {@code d(n)} = SHA-256({@code d(n-1)}, id of batch n). */
    private static String expected(String incarnation, long steps, int epochs) {
        MessageDigest sha256 = sha256();
        byte[] digest = new byte[sha256.getDigestLength()];
        int perEpoch = (int) (steps / epochs);
        for (int step = 0; step < steps; step++) {
            BatchId id = new BatchId(incarnation, Split.TRAIN, step / perEpoch, step % perEpoch, 0);
            sha256.update(digest);
            digest = sha256.digest(id.toString().getBytes(UTF_8));
        }
        return HexFormat.of().formatHex(digest);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Whether each batch was trained once, in order. */
    boolean complete() {
        return batches.equals(expected) && lost == 0;
    }

    /** Whether another run came to the same, to the bit. */
    boolean identical(Ending other) {
        return weights.equals(other.weights) && optimizer.equals(other.optimizer);
    }
}
