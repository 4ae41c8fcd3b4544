// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The engine that scores and serves on processors: started once in a process, without libtorch. Thread-safe. */
final class OnnxRuntime {
    static final String ENGINE = "OnnxRuntime";

    /** System property of ONNX Runtime: the folder in which its libraries lie; those on the class path otherwise. */
    static final String LIBRARIES_PROPERTY = "onnxruntime.native.path";

    private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");

    private static boolean started;

    private OnnxRuntime() {}

    /**
     * Starts the engine; a second call changes nothing.
     *
     * @throws IllegalStateException when ONNX Runtime's libraries cannot be loaded, with the reason and the remedy
     */
    static synchronized void start() {
        if (started) {
            return;
        }
        // Nothing is downloaded, and nobody is called; nor is PyTorch loaded, which DJL would compute with on the side.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.onnx.disable_alternative", "true");
        // DJL looks engines up with the context class loader, which is not ours on every thread.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(OnnxRuntime.class.getClassLoader());
        String folder = System.getProperty(LIBRARIES_PROPERTY);
        Path unpacked = null;
        try {
            unpacked = folder == null ? unpack() : null;
            Engine.getEngine(ENGINE);
            started = true;
        } catch (IOException | EngineException | LinkageError e) {
            throw new IllegalStateException(notLoaded(e, folder), e);
        } finally {
            thread.setContextClassLoader(before);
            delete(unpacked);
        }
    }

    /** Its own version, which need not be the one that DJL was built with. */
    static String version() {
        start();
        return OrtEnvironment.getEnvironment().getVersion();
    }

    private static String notLoaded(Throwable failure, String folder) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "ONNX Runtime's libraries cannot be loaded: " + cause.getMessage() + ". "
                + (folder == null
                        ? "There are some for Linux (glibc) and macOS, on x86-64 and ARM64; this is " + platform()
                                + ", and its temporary folder " + System.getProperty("java.io.tmpdir")
                                + " must take files that may be executed"
                        : "-D" + LIBRARIES_PROPERTY + "=" + folder
                                + " says where they are: mend it, or leave it out for those that come along");
    }

    /**
     * Libraries on the class path as files, for as long as it takes to load them: ONNX Runtime itself would leave 15 MB
     * behind in a process that is killed.
     */
    private static Path unpack() throws IOException {
        Path folder = Files.createTempDirectory("millrace-onnxruntime");
        try {
            for (String library : LIBRARIES) {
                String name = System.mapLibraryName(library);
                String resource = "/ai/onnxruntime/native/" + platform() + "/" + name;
                try (InputStream in = OrtEnvironment.class.getResourceAsStream(resource)) {
                    if (in == null) {
                        throw new IOException("there is no " + resource + " on the class path");
                    }
                    Files.copy(in, folder.resolve(name));
                }
            }
        } catch (IOException e) {
            delete(folder);
            throw e;
        }
        System.setProperty(LIBRARIES_PROPERTY, folder.toString());
        return folder;
    }

    /** As ONNX Runtime calls this machine. */
    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch");
        return (system.startsWith("mac") ? "osx" : system) + "-" + (processor.equals("amd64") ? "x64" : processor);
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        System.clearProperty(LIBRARIES_PROPERTY);
        try {
            for (String library : LIBRARIES) {
                Files.deleteIfExists(folder.resolve(System.mapLibraryName(library)));
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            System.getLogger(OnnxRuntime.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove " + folder, e);
        }
    }
}
