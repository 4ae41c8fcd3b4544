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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * The data sets that this service can publish. A set is prepared once, in the background, and kept in memory; what
 * failed is tried again when it is asked for later. Thread-safe.
 */
@Singleton
public class DatasetCatalog {
    /** The names of all data sets that are always there. */
    public static final List<String> NAMES =
            Stream.concat(PublicSet.labels().stream(), Stream.of(Strokes.NAME)).toList();

    /** By this name runs ask for whatever lies in the data directory. */
    public static final String FOLDER = "folder";

    private final DatasetConfig config;
    private final Decoders decoders;
    private final Uploads uploads;
    /** The name that the set in the data directory has; empty when there is no such directory. */
    private final Optional<String> own;
    /** A thread for each data set: one that is slow to come must not be in the way of another. */
    private final Map<String, ExecutorService> executors = new ConcurrentHashMap<>();

    private final Map<Wanted, Attempt> attempts = new HashMap<>();

    DatasetCatalog(Uploads uploads, Decoders decoders, DatasetConfig config) {
        this.uploads = uploads;
        this.config = config;
        this.decoders = decoders;
        this.own = own(config);
    }

    /** The name that the set in the data directory has; empty when there is no such directory. */
    static Optional<String> own(DatasetConfig config) {
        return config.dataDir().map(DataPlace::new).map(DatasetCatalog::ownName);
    }

    /** That of the place, unless it stands for something else that is not there. */
    private static String ownName(DataPlace place) {
        String name = place.name("pictures");
        boolean taken = NAMES.contains(name) || name.equals(FOLDER);
        return taken && PublicSet.of(name).filter(place::holds).isEmpty() ? name + "-pictures" : name;
    }

    /** The names of all data sets that there are now. */
    public List<String> names() {
        return Stream.of(NAMES.stream(), own.stream(), uploads.names().stream(), Stream.of(FOLDER))
                .flatMap(names -> names)
                .distinct()
                .toList();
    }

    private String resolve(String name) {
        return name.equals(FOLDER) ? own.orElse(FOLDER) : name;
    }

    /** A set; the sizes matter for {@code strokes} alone and are 0 for others. */
    private record Wanted(String name, int trainSamples, int testSamples) {}

    /** Its contents are found when somebody asks for them. */
    private record Attempt(
            CompletableFuture<DataSource> result, long startedNanos, AtomicReference<Contents> contents) {
        boolean stale(Duration retryAfter) {
            return result.isCompletedExceptionally() && System.nanoTime() - startedNanos > retryAfter.toNanos();
        }
    }

    /**
     * Whether a data set can be had.
     *
     * @param name of the data set
     * @param state how far it is
     * @param available whether a run on it can be ordered
     * @param reason why it is unavailable, and the remedy; null otherwise
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Availability(String name, State state, boolean available, String reason) {
        /** How far a data set is. */
        public enum State {
            /** Nobody has asked for it yet: a run on it, or {@code GET /datasets/{name}}, reads or fetches it. */
            @JsonProperty("untried")
            UNTRIED,
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

    /** Whether the samples of a data set lie on the heap; others are read from files as they are needed. */
    public boolean isOnHeap(String name) {
        return PublicSet.of(name)
                .map(set -> set != PublicSet.CIFAR10 && set != PublicSet.CIFAR100)
                .orElseGet(() -> isDrawn(name)
                        || config.dataDir()
                                .map(DataPlace::new)
                                .filter(DataPlace::isIdx)
                                .isPresent());
    }

    /** How every data set stands; nothing is fetched because of that. Drawing cannot fail. */
    public List<Availability> list() {
        return names().stream()
                .filter(name -> !name.equals(FOLDER))
                .map(name -> isDrawn(name)
                        ? new Availability(name, Availability.State.AVAILABLE, true, null)
                        : tried(name)
                                .map(attempt -> availability(name, attempt.result()))
                                .orElseGet(() -> new Availability(name, Availability.State.UNTRIED, true, null)))
                .toList();
    }

    /** How one data set stands; it is read, or fetched, from now on if that was not tried yet. */
    public Availability prepare(String name) {
        String resolved = resolve(name);
        return availability(resolved, request(resolved));
    }

    /** What was found in a data set that was asked for; empty until it is there. */
    public Optional<Contents> contents(String name) {
        return tried(name)
                .filter(attempt ->
                        attempt.result().isDone() && !attempt.result().isCompletedExceptionally())
                .map(attempt -> attempt.contents()
                        .updateAndGet(
                                found -> found == null ? attempt.result().join().contents() : found));
    }

    /** What a name stands for has changed. */
    synchronized void forget(String name) {
        attempts.keySet().removeIf(wanted -> wanted.name().equals(name));
    }

    private synchronized Optional<Attempt> tried(String name) {
        return attempts.entrySet().stream()
                .filter(attempt -> attempt.getKey().name().equals(resolve(name)))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Whether a data set of this size has been prepared. */
    public synchronized boolean isThere(String asked, int trainSamples, int testSamples) {
        Attempt attempt = attempts.get(wanted(asked, trainSamples, testSamples));
        return attempt != null && attempt.result().isDone() && !attempt.result().isCompletedExceptionally();
    }

    private Wanted wanted(String asked, int trainSamples, int testSamples) {
        String name = resolve(asked);
        boolean drawn = isDrawn(name);
        return new Wanted(name, drawn ? trainSamples : 0, drawn ? testSamples : 0);
    }

    /** Starts to prepare a data set of the configured size, or goes on with it. */
    public CompletableFuture<DataSource> request(String name) {
        return request(name, config.strokes().trainSamples(), config.strokes().testSamples());
    }

    /**
     * Starts to prepare a data set, or goes on with it.
     *
     * @param asked one of {@link #names()}
     * @param trainSamples for {@code strokes}
     * @param testSamples for {@code strokes}
     */
    public synchronized CompletableFuture<DataSource> request(String asked, int trainSamples, int testSamples) {
        Wanted wanted = wanted(asked, trainSamples, testSamples);
        String name = wanted.name();
        Attempt attempt = attempts.get(wanted);
        if (attempt == null || attempt.stale(config.retryAfter())) {
            // One set per name stays in memory: the latest.
            attempts.keySet().removeIf(other -> other.name().equals(name));
            attempt = new Attempt(
                    CompletableFuture.supplyAsync(() -> prepare(wanted), executor(name)),
                    System.nanoTime(),
                    new AtomicReference<>());
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
    public static DataSource await(CompletableFuture<DataSource> result, Duration timeout)
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

    private static Availability availability(String name, CompletableFuture<DataSource> result) {
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

    private DataSource prepare(Wanted wanted) {
        long start = System.nanoTime();
        try {
            DataSource set = isDrawn(wanted.name()) ? draw(wanted) : read(wanted.name());
            Log.infof(
                    "Data set ready. dataset=%s digest=%s train=%d test=%d seconds=%.1f",
                    set.info().name(),
                    set.info().digest(),
                    set.info().trainSamples(),
                    set.info().testSamples(),
                    (System.nanoTime() - start) / 1e9);
            return set;
        } catch (DatasetUnavailableException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            throw new CompletionException(new DatasetUnavailableException("the service stops", e));
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

    private DataSource read(String name) throws DatasetUnavailableException, InterruptedException {
        Path cache = config.cacheDir().resolve(name);
        Optional<PublicSet> known = PublicSet.of(name);
        Optional<Path> uploaded = uploads.place(name);
        if (own.filter(name::equals).isEmpty() && uploaded.isPresent()) {
            return uploads.open(name, uploaded.get());
        }
        if (known.isEmpty()) {
            Path place = config.dataDir()
                    .orElseThrow(
                            () -> new DatasetUnavailableException(
                                    "there is no data set " + name
                                            + "; set millrace.dataset.data-dir (--data-dir) to a directory, a zip or a tar of pictures"));
            return new DataPlace(place).open(name, cache, Uploads.options(config), decoders);
        }
        PublicSet set = known.get();
        if (config.dataDir().isPresent()) {
            return set.read(config.dataDir().get(), cache);
        }
        List<URI> mirrors = mirrors(set).stream().map(DatasetCatalog::directory).toList();
        return set.read(set.download(mirrors, cache, config.downloadTimeout()).fetch(), cache);
    }

    private List<URI> mirrors(PublicSet set) {
        return switch (set) {
            case MNIST -> config.mirrors();
            case FASHION_MNIST -> config.fashionMnistMirrors();
            case KMNIST -> config.kmnistMirrors();
            case CIFAR10, CIFAR100 -> config.cifarMirrors();
        };
    }

    private ExecutorService executor(String name) {
        return executors.computeIfAbsent(name, any -> Executors.newSingleThreadExecutor(DatasetCatalog::thread));
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
