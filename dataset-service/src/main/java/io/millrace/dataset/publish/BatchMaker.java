// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.augment.RandomShift;
import io.millrace.dataset.source.ImageSet;
import io.millrace.dataset.source.Samples;
import io.millrace.dataset.source.ValidationSplit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;

/** Makes any batch of a data set, at any time the same. Not thread-safe. */
final class BatchMaker {
    private static final int TEST_BATCH_SIZE = 500;
    private static final int TEST_BATCH_BYTES = 8 << 20;

    private final ImageSet set;
    private final Encoding encoding;
    private final int[] trained;
    private final int[] validation;
    private int[] order = new int[0];
    private long orderSeed;
    private int orderEpoch = -1;

    /** Of a set whose training split is trained on as a whole. */
    BatchMaker(ImageSet set, Encoding encoding) {
        this(set, encoding, IntStream.range(0, set.train().size()).toArray(), new int[0]);
    }

    /** Of a set whose training split is divided. */
    BatchMaker(ImageSet set, Encoding encoding, ValidationSplit split) {
        this(set, encoding, split.trained(), split.heldOut());
    }

    private BatchMaker(ImageSet set, Encoding encoding, int[] trained, int[] validation) {
        this.set = set;
        this.encoding = encoding;
        this.trained = trained;
        this.validation = validation;
    }

    /**
     * A training batch. Step t of an epoch takes {@code shards} times {@code batchSize} samples of the epoch's order, shard
     * by shard.
     */
    ImageBatch train(RunSpec spec, int epoch, int index, int shard) {
        int size = spec.recipe().batchSize();
        int from = (index * spec.shards() + shard) * size;
        int[] samples = Arrays.stream(order(spec.seed(), epoch), from, from + size)
                .map(place -> trained[place])
                .toArray();
        RandomShift shift = new RandomShift(spec.recipe().augmentation().shift(), spec.seed());
        BatchId id = new BatchId(spec.incarnation(), Split.TRAIN, epoch, index, shard);
        return batch(id, spec.batchesPerEpoch(), set.train(), samples, shift);
    }

    /** A test batch; the last one may be smaller. */
    ImageBatch test(int index) {
        int[] all = IntStream.range(0, set.test().size()).toArray();
        return heldOut(set.info().digest(), set.test(), all, index);
    }

    /**
     * A batch of the validation split, as a test batch is.
     *
     * @param digest of the split
     */
    ImageBatch validation(String digest, int index) {
        return heldOut(digest, set.train(), validation, index);
    }

    private ImageBatch heldOut(String digest, Samples from, int[] all, int index) {
        int size = testBatchSize(set.info());
        int[] samples = Arrays.copyOfRange(all, index * size, Math.min((index + 1) * size, all.length));
        BatchId id = new BatchId(digest, Split.TEST, 0, index, 0);
        return batch(id, heldOutBatches(set.info(), all.length), from, samples, new RandomShift(0, 0));
    }

    /** How many test batches a data set has. */
    static int testBatches(Dataset info) {
        return heldOutBatches(info, info.testSamples());
    }

    /** How many batches the validation split of a run has; 0 where there is none. */
    static int validationBatches(Dataset info) {
        return info.validation() == null
                ? 0
                : heldOutBatches(info, info.validation().samples());
    }

    private static int heldOutBatches(Dataset info, int samples) {
        int size = testBatchSize(info);
        return (samples + size - 1) / size;
    }

    /** 500, or fewer of large images: the same whatever the encoding, since an index must always mean the same. */
    private static int testBatchSize(Dataset info) {
        int imageBytes = info.channels() * info.height() * info.width() * Encoding.FLOAT32.bytes();
        return Math.max(1, Math.min(TEST_BATCH_SIZE, TEST_BATCH_BYTES / imageBytes));
    }

    private int[] order(long seed, int epoch) {
        if (epoch != orderEpoch || seed != orderSeed) {
            order = EpochOrder.of(seed, epoch, trained.length);
            orderSeed = seed;
            orderEpoch = epoch;
        }
        return order;
    }

    private ImageBatch batch(BatchId id, int batchesPerEpoch, Samples split, int[] samples, RandomShift shift) {
        Dataset info = set.info();
        int imageSize = set.imageSize();
        byte[] pixels = new byte[samples.length * imageSize];
        int[] labels = new int[samples.length];
        for (int k = 0; k < samples.length; k++) {
            labels[k] = split.label(samples[k]);
            shift.copy(
                    split.pixels(),
                    samples[k] * imageSize,
                    pixels,
                    k * imageSize,
                    info.channels(),
                    info.height(),
                    info.width(),
                    id.epoch(),
                    samples[k]);
        }
        return new ImageBatch(
                id,
                batchesPerEpoch,
                encoding,
                info.normalization(),
                samples.length,
                info.channels(),
                info.height(),
                info.width(),
                encoding == Encoding.UINT8 ? ByteBuffer.wrap(pixels) : floats(pixels),
                labels,
                digest(samples));
    }

    private ByteBuffer floats(byte[] pixels) {
        Normalization normalization = set.info().normalization();
        int plane = set.info().height() * set.info().width();
        float[][] values = new float[normalization.channels()][256];
        for (int channel = 0; channel < values.length; channel++) {
            for (int q = 0; q < 256; q++) {
                values[channel][q] = normalization.apply(channel, q);
            }
        }
        ByteBuffer floats = ByteBuffer.allocate(pixels.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < pixels.length; k++) {
            floats.putFloat(values[k / plane % values.length][pixels[k] & 0xff]);
        }
        return floats.flip();
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
