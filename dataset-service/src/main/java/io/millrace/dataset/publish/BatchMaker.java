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
    private int[] order = new int[0];
    private long orderSeed;
    private int orderEpoch = -1;

    BatchMaker(ImageSet set, Encoding encoding) {
        this.set = set;
        this.encoding = encoding;
    }

    /**
     * A training batch. Step t of an epoch takes {@code shards} times {@code batchSize} samples of the epoch's order, shard
     * by shard.
     */
    ImageBatch train(RunSpec spec, int epoch, int index, int shard) {
        int size = spec.recipe().batchSize();
        int from = (index * spec.shards() + shard) * size;
        int[] samples = Arrays.copyOfRange(order(spec.seed(), epoch), from, from + size);
        RandomShift shift = new RandomShift(spec.recipe().augmentation().shift(), spec.seed());
        BatchId id = new BatchId(spec.incarnation(), Split.TRAIN, epoch, index, shard);
        return batch(id, spec.batchesPerEpoch(), set.train(), samples, shift);
    }

    /** A test batch; the last one may be smaller. */
    ImageBatch test(int index) {
        int size = testBatchSize(set.info());
        int from = index * size;
        int to = Math.min(from + size, set.test().size());
        BatchId id = new BatchId(set.info().digest(), Split.TEST, 0, index, 0);
        int[] samples = IntStream.range(from, to).toArray();
        return batch(id, testBatches(set.info()), set.test(), samples, new RandomShift(0, 0));
    }

    /** How many test batches a data set has. */
    static int testBatches(Dataset info) {
        int size = testBatchSize(info);
        return (info.testSamples() + size - 1) / size;
    }

    /** 500, or fewer of large images: the same whatever the encoding, since an index must always mean the same. */
    private static int testBatchSize(Dataset info) {
        int imageBytes = info.channels() * info.height() * info.width() * Encoding.FLOAT32.bytes();
        return Math.max(1, Math.min(TEST_BATCH_SIZE, TEST_BATCH_BYTES / imageBytes));
    }

    private int[] order(long seed, int epoch) {
        if (epoch != orderEpoch || seed != orderSeed) {
            order = EpochOrder.of(seed, epoch, set.train().size());
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
