// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.dataset.DatasetConfig;
import io.quarkus.logging.Log;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The data sets that this service can publish. A set is prepared once, in the background, and kept in memory; what
 * failed is tried again when it is asked for later. Thread-safe.
 */
@Singleton
public class DatasetCatalog {
    /** The names of all data sets. */
    public static final List<String> NAMES = List.of(MnistFiles.NAME, Strokes.NAME);

    private final DatasetConfig config;
    /** A thread for each data set: one that is slow to come must not be in the way of another. */
    private final Map<String, ExecutorService> executors = NAMES.stream()
            .collect(Collectors.toMap(name -> name, name -> Executors.newSingleThreadExecutor(DatasetCatalog::thread)));

    private final Map<Wanted, Attempt> attempts = new HashMap<>();

    DatasetCatalog(DatasetConfig config) {
        this.config = config;
    }

    /** A set; the sizes matter for {@code strokes} alone and are 0 for others. */
    private record Wanted(String name, int trainSamples, int testSamples) {}

    private record Attempt(CompletableFuture<ImageSet> result, long startedNanos) {
        boolean stale(Duration retryAfter) {
            return result.isCompletedExceptionally() && System.nanoTime() - startedNanos > retryAfter.toNanos();
        }
    }

    /**
     * Whether a data set can be had.
     *
     * @param name of the data set
     * @param state how far it is
     * @param available whether a run on it can start
     * @param reason why it is unavailable, and the remedy; null otherwise
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Availability(String name, State state, boolean available, String reason) {
        /** How far a data set is. */
        public enum State {
            @JsonProperty("preparing")
            PREPARING,
            @JsonProperty("available")
            AVAILABLE,
            @JsonProperty("unavailable")
            UNAVAILABLE
        }
    }

    /**
     * How many drawn samples, both splits together, a set may have. It may take a quarter of the heap: the set of another
     * run may still be published beside it, and the batches being written need room as well.
     */
    public static int strokesThatFit() {
        return (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / Strokes.SAMPLE_BYTES);
    }

    /** Whether a data set is drawn here, in whatever size. */
    public static boolean isDrawn(String name) {
        return name.equals(Strokes.NAME);
    }

    /** How every data set stands. MNIST is fetched from now on if that was not tried yet; drawing cannot fail. */
    public List<Availability> list() {
        return List.of(
                availability(MnistFiles.NAME, request(MnistFiles.NAME)),
                new Availability(Strokes.NAME, Availability.State.AVAILABLE, true, null));
    }

    /** Starts to prepare a data set of the configured size, or goes on with it. */
    public CompletableFuture<ImageSet> request(String name) {
        return request(name, config.strokes().trainSamples(), config.strokes().testSamples());
    }

    /**
     * Starts to prepare a data set, or goes on with it.
     *
     * @param name one of {@link #NAMES}
     * @param trainSamples for {@code strokes}
     * @param testSamples for {@code strokes}
     */
    public synchronized CompletableFuture<ImageSet> request(String name, int trainSamples, int testSamples) {
        boolean drawn = isDrawn(name);
        Wanted wanted = new Wanted(name, drawn ? trainSamples : 0, drawn ? testSamples : 0);
        Attempt attempt = attempts.get(wanted);
        if (attempt == null || attempt.stale(config.retryAfter())) {
            // One set per name stays in memory: the latest.
            attempts.keySet().removeIf(other -> other.name().equals(name));
            attempt = new Attempt(
                    CompletableFuture.supplyAsync(() -> prepare(wanted), executors.get(name)), System.nanoTime());
            attempts.put(wanted, attempt);
        }
        return attempt.result();
    }

    /**
     * Waits for a data set.
     *
     * @throws DatasetUnavailableException when it cannot be had
     * @throws TimeoutException when it is not ready yet
     */
    public static ImageSet await(CompletableFuture<ImageSet> result, Duration timeout)
            throws DatasetUnavailableException, TimeoutException, InterruptedException {
        try {
            return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DatasetUnavailableException unavailable) {
                throw unavailable;
            }
            throw new DatasetUnavailableException("the data set cannot be prepared: " + e.getCause(), e);
        }
    }

    private static Availability availability(String name, CompletableFuture<ImageSet> result) {
        if (!result.isDone()) {
            return new Availability(name, Availability.State.PREPARING, false, null);
        }
        try {
            await(result, Duration.ZERO);
            return new Availability(name, Availability.State.AVAILABLE, true, null);
        } catch (DatasetUnavailableException e) {
            return new Availability(name, Availability.State.UNAVAILABLE, false, e.getMessage());
        } catch (TimeoutException e) {
            throw new IllegalStateException("a result that is done is there at once", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Availability(name, Availability.State.PREPARING, false, null);
        }
    }

    private ImageSet prepare(Wanted wanted) {
        long start = System.nanoTime();
        try {
            ImageSet set = isDrawn(wanted.name()) ? draw(wanted) : MnistFiles.read(mnistDirectory());
            Log.infof(
                    "Data set ready. dataset=%s digest=%s train=%d test=%d seconds=%.1f",
                    set.info().name(),
                    set.info().digest(),
                    set.train().size(),
                    set.test().size(),
                    (System.nanoTime() - start) / 1e9);
            return set;
        } catch (DatasetUnavailableException e) {
            throw new CompletionException(e);
        }
    }

    private ImageSet draw(Wanted wanted) throws DatasetUnavailableException {
        long samples = (long) wanted.trainSamples() + wanted.testSamples();
        if (samples > strokesThatFit()) {
            throw new DatasetUnavailableException(
                    "strokes of " + samples + " samples do not fit into the service's memory," + " which has room for "
                            + strokesThatFit() + "; give it a larger heap, or delete the run");
        }
        return Strokes.draw(config.strokes().seed(), wanted.trainSamples(), wanted.testSamples());
    }

    private Path mnistDirectory() throws DatasetUnavailableException {
        if (config.dataDir().isPresent()) {
            return config.dataDir().get();
        }
        List<URI> mirrors =
                config.mirrors().stream().map(DatasetCatalog::directory).toList();
        Path cache = config.cacheDir().resolve(MnistFiles.NAME);
        return new MnistDownload(MnistFiles.ORIGINAL, mirrors, cache, config.downloadTimeout()).fetch();
    }

    private static URI directory(URI mirror) {
        return mirror.toString().endsWith("/") ? mirror : URI.create(mirror + "/");
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "data-set");
        thread.setDaemon(true);
        return thread;
    }

    @PreDestroy
    void close() {
        executors.values().forEach(ExecutorService::shutdownNow);
    }
}
