// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads what somebody might have made of bytes that are right, thousands of times, and expects that each is taken or refused
 * with the exception that is meant for it: nothing else is thrown, none takes more than a second or memory out of proportion.
 * Inputs follow from the seed and their number alone, so a failure can be had again:
 *
 * <pre>
 * -Dmillrace.fuzz.inputs=100000   of each kind (2,000 unless given)
 * -Dmillrace.fuzz.seed=7          others (1 unless given)
 * </pre>
 *
 * An input that fails is written to {@code target/fuzz}. For one thread.
 */
public final class Fuzz {
    private static final int INPUTS = Integer.getInteger("millrace.fuzz.inputs", 2_000);
    private static final long SEED = Long.getLong("millrace.fuzz.seed", 1);

    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long HANGS_SECONDS = 60;
    /** A garbage collection, or a machine that does something else, is not to blame on an input. */
    private static final int TRIES = 3;

    private static final int MOST_MUTATIONS = 6;
    private static final List<String> TOKENS = List.of(
            "-1",
            "0",
            "2147483647",
            "2147483648",
            "-9223372036854775808",
            "1e400",
            "NaN",
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "[[[[[[[[",
            "\\u0000",
            "\uD800",
            "../",
            "%00");
    private static final long[] NUMBERS = {
        0, 1, -1, 127, 128, 255, 256, 32767, 65535, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
    };

    /** Reads an input. */
    @FunctionalInterface
    public interface Reader {
        /** Whatever it throws is a refusal, where it is the one that is meant for bad input. */
        void read(byte[] input) throws Exception;
    }

    private final String name;
    private final List<byte[]> corpus;
    private final Class<? extends Exception> refusal;
    private final long mostBytes;
    private final int inputs;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private int taken;
    private int refused;
    private long slowest;
    private long largest;

    /**
     * @param name of what is read, for people and files
     * @param corpus inputs that are right, as small as they can be
     * @param refusal what bad ones are answered with
     * @param mostBytes that one input may allocate, whatever it says of itself
     */
    public Fuzz(String name, List<byte[]> corpus, Class<? extends Exception> refusal, long mostBytes) {
        this(name, corpus, refusal, mostBytes, INPUTS);
    }

    private Fuzz(String name, List<byte[]> corpus, Class<? extends Exception> refusal, long mostBytes, int inputs) {
        this.name = name;
        this.corpus = corpus;
        this.refusal = refusal;
        this.mostBytes = mostBytes;
        this.inputs = inputs;
    }

    /** With so many times fewer inputs: for what is slow to read. */
    public Fuzz fewer(int times) {
        return new Fuzz(name, corpus, refusal, mostBytes, Math.max(1, inputs / times));
    }

    /**
     * Reads the corpus, which must be taken, and then what becomes of it.
     *
     * @throws AssertionError naming the first input that is neither taken nor refused in order, and the file that has it
     */
    public void run(Reader reader) throws Exception {
        for (byte[] right : corpus) {
            reader.read(right.clone());
        }
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "fuzz-" + name);
            made.setDaemon(true);
            return made;
        });
        try {
            for (int number = 0; number < inputs; number++) {
                byte[] input = input(number);
                Future<Void> read = thread.submit(() -> {
                    one(reader, input);
                    return null;
                });
                try {
                    read.get(HANGS_SECONDS, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    throw failure(number, input, e.getCause().toString(), e.getCause());
                } catch (TimeoutException e) {
                    throw failure(number, input, "it has not ended after " + HANGS_SECONDS + " s", e);
                }
            }
        } finally {
            thread.shutdownNow();
        }
        System.out.printf(
                "fuzz %s: %d inputs, %d taken, %d refused, the slowest %d ms, the largest allocated %d KiB%n",
                name, taken + refused, taken, refused, TimeUnit.NANOSECONDS.toMillis(slowest), largest >> 10);
        if (refused == 0) {
            throw new AssertionError("nothing of " + name + " was refused: the inputs do not reach what reads them");
        }
    }

    private void one(Reader reader, byte[] input) throws Exception {
        for (int tries = 1; ; tries++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            long since = System.nanoTime();
            boolean took = takes(reader, input.clone());
            long nanos = System.nanoTime() - since;
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            if (bytes > mostBytes) {
                throw new AssertionError(
                        "it allocated " + bytes + " bytes, at most " + mostBytes + " are in proportion");
            }
            if (nanos > SLOW_NANOS && tries < TRIES) {
                continue;
            }
            if (nanos > SLOW_NANOS) {
                throw new AssertionError(
                        "it took " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms, " + TRIES + " times over 1 s");
            }
            slowest = Math.max(slowest, nanos);
            largest = Math.max(largest, bytes);
            if (took) {
                taken++;
            } else {
                refused++;
            }
            return;
        }
    }

    private boolean takes(Reader reader, byte[] input) throws Exception {
        try {
            reader.read(input);
            return true;
        } catch (Exception e) {
            if (!refusal.isInstance(e)) {
                throw e;
            }
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("it is refused without a word", e);
            }
            return false;
        }
    }

    private AssertionError failure(int number, byte[] input, String what, Throwable cause) {
        Path file = Path.of("target", "fuzz", name.replace(' ', '-') + "-" + SEED + "-" + number);
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new AssertionError(
                "input " + number + " of seed " + SEED + " of " + name + " (" + file.toAbsolutePath() + "): " + what,
                cause);
    }

    private byte[] input(int number) {
        SplittableRandom random = new SplittableRandom(SEED * 0x9E3779B97F4A7C15L + number);
        byte[] input = pick(random).clone();
        // Few, more often than not: what is wrong in one place only is read the furthest.
        int mutations = 1 + random.nextInt(1 + random.nextInt(MOST_MUTATIONS));
        for (int k = 0; k < mutations; k++) {
            input = mutated(input, random);
        }
        return input;
    }

    private byte[] pick(SplittableRandom random) {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private byte[] mutated(byte[] input, SplittableRandom random) {
        if (input.length == 0) {
            return pick(random).clone();
        }
        int at = place(input.length, random);
        int length = Math.min(input.length - at, 1 + random.nextInt(1 + random.nextInt(64)));
        switch (random.nextInt(9)) {
            case 0:
                input[at] ^= (byte) (1 << random.nextInt(8));
                return input;
            case 1:
                input[at] = (byte) random.nextInt();
                return input;
            case 2:
                return number(input, at, random);
            case 3:
                return Arrays.copyOf(input, at);
            case 4:
                return spliced(input, at, length, new byte[0]);
            case 5:
                return spliced(input, at, 0, Arrays.copyOfRange(input, at, at + length));
            case 6:
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                return spliced(input, at, random.nextInt(2) * length, noise);
            case 7:
                byte[] other = pick(random);
                int from = place(Math.max(1, other.length), random);
                return spliced(
                        input, at, length, Arrays.copyOfRange(other, from, Math.min(other.length, from + length)));
            default:
                String token = TOKENS.get(random.nextInt(TOKENS.size()));
                return spliced(input, at, random.nextInt(2) * length, token.getBytes(ISO_8859_1));
        }
    }

    /** Half of the time in the head of the input, where it says what follows. */
    private static int place(int length, SplittableRandom random) {
        return random.nextInt(random.nextBoolean() ? length : Math.min(length, 64));
    }

    private static byte[] number(byte[] input, int at, SplittableRandom random) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        int bytes = Math.min(input.length - at, 1 << random.nextInt(4));
        boolean little = random.nextBoolean();
        for (int k = 0; k < bytes; k++) {
            input[at + (little ? k : bytes - 1 - k)] = (byte) (number >> 8 * k);
        }
        return input;
    }

    private static byte[] spliced(byte[] input, int at, int without, byte[] with) {
        List<byte[]> parts = new ArrayList<>(
                List.of(Arrays.copyOf(input, at), with, Arrays.copyOfRange(input, at + without, input.length)));
        byte[] out = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int end = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, out, end, part.length);
            end += part.length;
        }
        return out;
    }
}
