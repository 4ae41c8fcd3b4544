// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;

/**
 * The allocator under PyTorch's CPU tensors, and under ONNX Runtime's: the C library's. A training step allocates and frees the same memory each
 * time; as it comes, glibc hands some of it back to the system, which has to zero those pages anew in the next step. Told
 * to keep it, it does not; the process stays at its peak in return.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/mallopt.3.html">mallopt(3)</a>
 */
public final class Malloc {
    /** System property: {@code false} leaves the allocator as it comes. */
    static final String PROPERTY = "millrace.keep-freed-memory";

    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_MAX = -4;

    private static final int KEEP_ALL = Integer.MAX_VALUE;
    /** A thread's arena shrinks to this at the least, whatever the trim threshold says; none is larger. */
    private static final int PAD_BYTES = 64 << 20;
    /**
     * Blocks that are mapped and unmapped one by one: none. Those that do not fit into a thread's heap, of 64 MiB and
     * more, are all the same; nothing in a process can change that.
     */
    private static final int MAPPED_BLOCKS = 0;

    private static Boolean kept;

    private Malloc() {}

    /**
     * From now on, memory that is freed stays with this process. A second call changes nothing.
     *
     * @return whether that is so: it can be switched off, glibc alone knows how, and it takes JNA to say so
     */
    static synchronized boolean keepFreedMemory() {
        if (kept == null) {
            kept = Boolean.parseBoolean(System.getProperty(PROPERTY, "true")) && keep();
        }
        return kept;
    }

    private static boolean keep() {
        Function mallopt;
        try {
            mallopt = NativeLibrary.getProcess().getFunction("mallopt");
        } catch (LinkageError e) {
            return false;
        }
        return set(mallopt, M_MMAP_MAX, MAPPED_BLOCKS)
                && set(mallopt, M_TOP_PAD, PAD_BYTES)
                && set(mallopt, M_TRIM_THRESHOLD, KEEP_ALL);
    }

    /**
     * Gives the system what this process holds and needs no more: buffers that only the garbage collector frees, and memory
     * that was freed and that the allocator keeps. Who needs it again takes it anew. Takes some tens of milliseconds, in
     * which the process stands still: for when there is nothing to do. Where the C library is not glibc, the collector alone
     * is asked.
     *
     * @see <a href="https://man7.org/linux/man-pages/man3/malloc_trim.3.html">malloc_trim(3)</a>
     */
    public static void giveBack() {
        System.gc();
        try {
            NativeLibrary.getProcess().getFunction("malloc_trim").invokeInt(new Object[] {0L});
        } catch (LinkageError e) {
            // No glibc, or no JNA: it stays with this process.
        }
    }

    private static boolean set(Function mallopt, int parameter, int value) {
        return mallopt.invokeInt(new Object[] {parameter, value}) == 1;
    }
}
