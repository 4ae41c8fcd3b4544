// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.augment.Augmenter;
import io.millrace.dataset.augment.Mixing;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.dataset.source.ValidationSplit;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Makes any batch of a data set, at any time the same. Samples are read side by side, a window ahead of who takes the
 * batches, and no more than a window of them, or one batch, is in memory. Not thread-safe.
 */
final class BatchMaker {
    /** Bytes of images that are read side by side: many, so that no thread waits long for the last of them. */
    private static final long WINDOW_BYTES = 8L << 20;

    private final DataSource set;
    private final Decoders decoders;
    private final Encoding encoding;
    private final EpochSamples epochs;
    private final int[] validation;
    private ClassWeights balanced;

    /** Of a set whose training split is trained on as a whole. */
    BatchMaker(DataSource set, Decoders decoders, Encoding encoding) {
        this(
                set,
                decoders,
                encoding,
                IntStream.range(0, set.info().trainSamples()).toArray(),
                new int[0]);
    }

    /** Of a set whose training split is divided. */
    BatchMaker(DataSource set, Decoders decoders, Encoding encoding, ValidationSplit split) {
        this(set, decoders, encoding, split.trained(), split.heldOut());
    }

    private BatchMaker(DataSource set, Decoders decoders, Encoding encoding, int[] trained, int[] validation) {
        this.set = set;
        this.decoders = decoders;
        this.encoding = encoding;
        this.epochs = new EpochSamples(set, trained);
        this.validation = validation;
    }

    /**
     * A batch whose samples are not read yet.
     *
     * @param reading how each is to be read, by its place in the batch
     * @param mixing of the images with each other; null: none
     * @param weights of the classes; null: each image counts the same
     */
    private record Draft(
            BatchId id,
            int batchesPerEpoch,
            Split split,
            int[] samples,
            Reading reading,
            Mixing mixing,
            ClassWeights weights,
            byte[] pixels) {}

    /** Reads the sample at a place of a batch into the batch. */
    @FunctionalInterface
    private interface Reading {
        void read(int place, byte[] into, int offset) throws DatasetUnavailableException;
    }

    /**
     * The training batches of some steps, in their order, all shards of a step one after the other.
     *
     * @param from the first step
     * @param to the one behind the last
     * @throws BlockedException as they are taken, when a sample cannot be read
     */
    Stream<ImageBatch> train(RunSpec spec, long from, long to) {
        int perWindow = (int) Math.max(1, WINDOW_BYTES / ((long) spec.recipe().batchSize() * set.imageSize()));
        long first = from * spec.shards();
        long behind = to * spec.shards();
        return LongStream.iterate(first, place -> place < behind, place -> place + perWindow)
                .boxed()
                .flatMap(place -> make(LongStream.range(place, Math.min(behind, place + perWindow))
                                .mapToObj(k -> draft(spec, k, spec.recipe().batchSize()))
                                .toList())
                        .stream());
    }

    /**
     * A training batch. Step t of an epoch takes {@code shards} times {@code batchSize} samples of the epoch's order, shard
     * by shard.
     */
    ImageBatch train(RunSpec spec, int epoch, int index, int shard) {
        return head(spec, epoch, index * spec.shards() + shard, spec.recipe().batchSize());
    }

    /**
     * The first samples of a training batch; all of them where images are mixed, each with others of its batch.
     *
     * @param place of the batch in the epoch, all shards of a step one after the other
     * @param count at most so many
     */
    ImageBatch head(RunSpec spec, int epoch, int place, int count) {
        int size = spec.recipe().batchSize();
        int made = spec.recipe().augmentation().mixes() ? size : Math.min(size, count);
        return make(List.of(draft(spec, (long) epoch * spec.batchesPerEpoch() * spec.shards() + place, made)))
                .get(0);
    }

    /** @param number of the batch in the run */
    private Draft draft(RunSpec spec, long number, int size) {
        long step = number / spec.shards();
        int shard = (int) (number % spec.shards());
        int epoch = (int) (step / spec.batchesPerEpoch());
        int index = (int) (step % spec.batchesPerEpoch());
        int from = (index * spec.shards() + shard) * spec.recipe().batchSize();
        EpochSamples.Shown shown = epochs.of(spec, epoch, from, size);
        Augmenter augmenter = Augmenter.of(spec.recipe().augmentation(), set.info(), spec.seed());
        BatchId id = new BatchId(spec.incarnation(), Split.TRAIN, epoch, index, shard);
        return new Draft(
                id,
                spec.batchesPerEpoch(),
                Split.TRAIN,
                shown.samples(),
                (place, into, offset) ->
                        augmenter.read(set, shown.samples()[place], epoch, shown.times()[place], into, offset),
                mixing(spec),
                weights(spec.recipe()),
                new byte[size * set.imageSize()]);
    }

    private Mixing mixing(RunSpec spec) {
        Augmentation wanted = spec.recipe().augmentation();
        return wanted.mixes()
                ? new Mixing(wanted, set.info().shape(), set.info().classes().size(), spec.seed())
                : null;
    }

    private ClassWeights weights(Recipe recipe) {
        if (recipe.classWeights() == null) {
            return null;
        }
        if (balanced == null) {
            balanced = new ClassWeights(epochs.labels(), set.info().classes().size());
        }
        return balanced;
    }

    /** A test batch; the last one may be smaller. */
    ImageBatch test(int index) {
        int[] all = IntStream.range(0, set.info().testSamples()).toArray();
        return heldOut(set.info().digest(), Split.TEST, all, index);
    }

    /**
     * A batch of the validation split, as a test batch is.
     *
     * @param digest of the split
     */
    ImageBatch validation(String digest, int index) {
        return heldOut(digest, Split.TRAIN, validation, index);
    }

    private ImageBatch heldOut(String digest, Split from, int[] all, int index) {
        int size = HeldOutBatches.size(set.info());
        int[] samples = Arrays.copyOfRange(all, index * size, Math.min((index + 1) * size, all.length));
        BatchId id = new BatchId(digest, Split.TEST, 0, index, 0);
        Draft draft = new Draft(
                id,
                HeldOutBatches.count(set.info(), all.length),
                from,
                samples,
                (place, into, offset) -> set.read(from, samples[place], into, offset),
                null,
                null,
                new byte[samples.length * set.imageSize()]);
        return make(List.of(draft)).get(0);
    }

    private List<ImageBatch> make(List<Draft> drafts) {
        int size =
                drafts.stream().mapToInt(draft -> draft.samples().length).max().orElse(0);
        try {
            decoders.each(drafts.size() * size, k -> {
                Draft draft = drafts.get(k / size);
                if (k % size < draft.samples().length) {
                    draft.reading().read(k % size, draft.pixels(), k % size * set.imageSize());
                }
            });
        } catch (DatasetUnavailableException e) {
            throw new BlockedException(e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
        return drafts.stream().map(this::batch).toList();
    }

    private ImageBatch batch(Draft draft) {
        int[] labels = Arrays.stream(draft.samples())
                .map(sample -> set.label(draft.split(), sample))
                .toArray();
        ClassWeights weights = draft.weights();
        if (draft.mixing() == null) {
            return batch(draft, draft.pixels(), labels, null, weights == null ? null : weights.of(labels));
        }
        BatchId id = draft.id();
        Mixing.Mixed mixed = draft.mixing().mix(draft.pixels(), labels, id.epoch(), id.index(), id.shard());
        float[] soft = mixed.softLabels();
        return batch(draft, mixed.pixels(), mixed.labels(), soft, weights == null ? null : weights.of(soft));
    }

    private ImageBatch batch(Draft draft, byte[] pixels, int[] labels, float[] softLabels, float[] weights) {
        Dataset info = set.info();
        return new ImageBatch(
                draft.id(),
                draft.batchesPerEpoch(),
                encoding,
                info.normalization(),
                labels.length,
                info.channels(),
                info.height(),
                info.width(),
                encoding == Encoding.UINT8 ? ByteBuffer.wrap(pixels) : FloatPixels.of(pixels, info),
                labels,
                digest(draft.samples()),
                softLabels,
                weights);
    }

    private static String digest(int[] samples) {
        ByteBuffer numbers = ByteBuffer.allocate(samples.length * Integer.BYTES);
        Arrays.stream(samples).forEach(numbers::putInt);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(numbers.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
