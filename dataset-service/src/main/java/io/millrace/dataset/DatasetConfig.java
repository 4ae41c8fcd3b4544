// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.ImageShape;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Everything that can be set about this service. */
@ConfigMapping(prefix = "millrace.dataset")
public interface DatasetConfig {
    /** Directory, zip or tar with the files of a data set, or with pictures; empty: files are downloaded. */
    Optional<Path> dataDir();

    /** Height and width that pictures of one's own are made, such as {@code 64x64}; empty: it is found out. */
    @WithConverter(ImageSizeConverter.class)
    Optional<ImageShape> imageSize();

    /** The part of pictures of one's own that becomes the test split where no folder says which. */
    @WithDefault("0.2")
    @DecimalMin(value = "0.01", message = "is ${validatedValue}; it must be at least 0.01")
    @DecimalMax(value = "0.9", message = "is ${validatedValue}; it must be at most 0.9")
    double testShare();

    /** The part of the files of such a set that may be unusable. */
    @WithDefault("0.05")
    @DecimalMin(value = "0", message = "is ${validatedValue}; it must be at least 0")
    @DecimalMax(value = "1", message = "is ${validatedValue}; it must be at most 1")
    double maxBadShare();

    /** Where data sets lie that were uploaded; empty: below the cache. */
    Optional<Path> uploadsDir();

    /** Bytes that one of them may have. */
    @WithDefault("20G")
    MemorySize maxUpload();

    /** Bytes that a gzipped tar may unpack to in the cache. */
    @WithDefault("20G")
    MemorySize maxUnpacked();

    /** Where downloaded files are kept. */
    @WithDefault("${user.home}/.cache/millrace")
    Path cacheDir();

    /** Base addresses from which MNIST is downloaded, the preferred one first. */
    @WithDefault("https://ossci-datasets.s3.amazonaws.com/mnist/,https://storage.googleapis.com/cvdf-datasets/mnist/")
    @NotEmpty
    List<@WithConverter(MirrorConverter.class) URI> mirrors();

    /** Base addresses from which Fashion-MNIST is downloaded: its own, and its repository. */
    @WithDefault("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
            + ",https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/")
    @NotEmpty
    List<@WithConverter(MirrorConverter.class) URI> fashionMnistMirrors();

    /** Base addresses from which KMNIST is downloaded. */
    @WithDefault("http://codh.rois.ac.jp/kmnist/dataset/kmnist/")
    @NotEmpty
    List<@WithConverter(MirrorConverter.class) URI> kmnistMirrors();

    /** Base addresses from which CIFAR-10 and CIFAR-100 are downloaded. */
    @WithDefault("https://www.cs.toronto.edu/~kriz/")
    @NotEmpty
    List<@WithConverter(MirrorConverter.class) URI> cifarMirrors();

    /** How long a mirror may take to connect, and between two pieces of data. */
    @WithDefault("10s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be above 0")
    @DurationMax(days = 1, message = "is ${validatedValue}; it must be at most a day")
    Duration downloadTimeout();

    /** Pause after which a data set that could not be had is tried again. */
    @WithDefault("30s")
    @DurationMin(millis = 1, message = "is ${validatedValue}; it must be above 0")
    @DurationMax(days = 1, message = "is ${validatedValue}; it must be at most a day")
    Duration retryAfter();

    /** The data set that is drawn on the machine. */
    Strokes strokes();

    /** How images of new runs are written: source bytes (a quarter of the size, exact), or normalized floats. */
    @WithDefault("uint8")
    Encoding encoding();

    /** Bytes of a run's batches that may lie in its log and are in no checkpoint yet. */
    @WithDefault("256M")
    MemorySize maxAhead();

    /** Epochs of them. */
    @WithDefault("2")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int maxAheadEpochs();

    /** Bytes that a run's log may hold before what is behind its checkpoints is deleted; until then all of it is kept. */
    @WithDefault("4G")
    MemorySize logBudget();

    /** How many of the runs that ended last keep their logs. */
    @WithDefault("10")
    @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
    int keepRuns();

    /** Bytes that the logs of ended runs may take together; those that ended last stay, and the last one in any case. */
    @WithDefault("4G")
    MemorySize endedLogBudget();

    /** The run that starts with the service. */
    Run run();

    /** Size and seed of the data set {@code strokes}. */
    interface Strokes {
        /** Training samples, unless a run asks for another number. */
        @WithDefault("20000")
        @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
        @Max(value = 2_000_000, message = "is ${validatedValue}; it must be at most 2000000")
        int trainSamples();

        /** Test samples, unless a run asks for another number. */
        @WithDefault("4000")
        @Min(value = 1, message = "is ${validatedValue}; it must be at least 1")
        @Max(value = 2_000_000, message = "is ${validatedValue}; it must be at most 2000000")
        int testSamples();

        /** Another seed, other drawings: another data set with another digest. */
        @WithDefault("1")
        long seed();
    }

    /** A run by configuration; each value but the first four as in the body of {@code POST /runs}. */
    interface Run {
        /** Whether there is one. */
        @WithDefault("false")
        boolean enabled();

        /**
         * Its id. A run whose id is in the log is never started again, so a restart is harmless. Empty: an id is derived
         * from all the other values here and from those of {@code strokes} where that is trained on; the same
         * configuration is then run once and never again.
         */
        Optional<String> id();

        /** Data set to train on when the wanted one cannot be had; empty: the run fails then. */
        Optional<String> fallback();

        /** The data set. */
        @WithDefault("mnist")
        String dataset();

        /** The recipe: a name, or a JSON object such as <code>{"name": "quick", "epochs": 2}</code>. */
        @WithDefault("quick")
        String recipe();

        /** The network: a name, or a JSON object such as <code>{"block": "basic", "depths": [1, 1]}</code>. */
        Optional<String> network();

        Optional<String> stem();

        /** What it starts from; empty: fresh weights. */
        Optional<String> weights();

        /** Digest of their file. */
        Optional<String> sha256();

        Optional<String> model();

        Optional<Long> seed();

        OptionalInt shards();

        OptionalInt priority();

        /** Whose run it is, one of the teams that are configured; empty: nobody's in particular. */
        Optional<String> team();

        Workers workers();

        /** What the run may have of the pool. */
        interface Workers {
            /** So many workers may share its replicas; empty: as many as it has replicas. */
            OptionalInt max();
        }

        /**
         * Whether it comes before all runs that there are when it is started and that have not ended: its priority is then
         * one above theirs, unless one is set.
         */
        @WithDefault("false")
        boolean first();
    }
}
