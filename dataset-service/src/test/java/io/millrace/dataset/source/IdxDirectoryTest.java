// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.batch.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxDirectoryTest {
    private static final Logger LOGGER = Logger.getLogger(IdxDirectoryTest.class);

    @TempDir
    private Path directory;

    private static DataSource read(Path directory) throws DatasetUnavailableException {
        return PublicSet.MNIST.read(directory, directory);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPartOfTheOriginalIsReadPlainAndZipped(boolean zipped) throws IOException {
        // Given
        IdxFixtures.writeSet(directory, 30, 12, zipped);

        // When
        ImageSet set = (ImageSet) read(directory);

        // Then
        assertThat(set.train().size()).isEqualTo(30);
        assertThat(set.test().size()).isEqualTo(12);
        assertThat(set.train().label(13)).isEqualTo(3);
        assertThat(set.train().pixels()[784 * 4 + 1]).isEqualTo((byte) (4 * 25 + 784 * 4 % 3 + 1));
        assertThat(set.info().classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(set.info().normalization().apply(0, 255)).isEqualTo((float) ((1 - 0.1307) / 0.3081));
        assertThat(set.info().digest()).matches("[0-9a-f]{64}");
    }

    @Test
    void theDigestTellsDataApart() throws IOException {
        String digest =
                read(IdxFixtures.writeSet(directory, 30, 12, false)).info().digest();

        assertThat(read(IdxFixtures.writeSet(directory, 30, 12, false)).info().digest())
                .isEqualTo(digest);
        assertThat(read(IdxFixtures.writeSet(directory, 31, 12, false)).info().digest())
                .isNotEqualTo(digest);
    }

    @Test
    void theRealOneIsRead() throws IOException {
        Path real = Path.of(System.getProperty("millrace.root", ".."), "..", "shared", "data", "mnist");
        if (!Files.isDirectory(real)) {
            LOGGER.infof("Skipped: %s is not there", real);
        }
        Assumptions.assumeTrue(Files.isDirectory(real));

        ImageSet set = (ImageSet) read(real);

        assertThat(set.info().trainSamples()).isEqualTo(60_000);
        assertThat(set.info().testSamples()).isEqualTo(10_000);
        assertThat(set.train().label(0)).isEqualTo(5);
        assertThat(set.test().label(0)).isEqualTo(7);
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                bad(
                        "train-images-idx3-ubyte",
                        bytes -> IdxFixtures.labels(30),
                        "magic number 2049 (labels)",
                        "2051 (images)"),
                bad(
                        "train-labels-idx1-ubyte",
                        bytes -> IdxFixtures.images(3),
                        "magic number 2051 (images)",
                        "2049 (labels)"),
                bad("train-images-idx3-ubyte", bytes -> new byte[100], "magic number 0", "2051"),
                bad("train-images-idx3-ubyte", bytes -> new byte[7], "only 7 bytes", "a header of 16 bytes"),
                bad("train-labels-idx1-ubyte", bytes -> new byte[0], "only 0 bytes", "a header of 8 bytes"),
                bad("t10k-images-idx3-ubyte", bytes -> put(bytes, 4, 0), "a count of 0", "at least one"),
                bad("t10k-images-idx3-ubyte", bytes -> put(bytes, 4, -1), "a count of 4294967295", "at least one"),
                bad("t10k-images-idx3-ubyte", bytes -> put(bytes, 4, 2_000_000), "a file of", "1568000000 bytes"),
                bad("t10k-images-idx3-ubyte", bytes -> put(bytes, 8, 32), "a dimension of 32", "28 pixels"),
                bad("t10k-images-idx3-ubyte", bytes -> put(bytes, 12, 27), "a dimension of 27", "28 pixels"),
                bad("train-images-idx3-ubyte", bytes -> put(bytes, 4, 31), "", "24304 bytes for the 31 items"),
                bad("train-images-idx3-ubyte", bytes -> put(bytes, 4, 29), "more data behind", "for the 29 items"),
                bad("train-images-idx3-ubyte", bytes -> Arrays.copyOf(bytes, bytes.length - 1), "", "23520 bytes"),
                bad(
                        "train-labels-idx1-ubyte",
                        bytes -> Arrays.copyOf(bytes, bytes.length + 1),
                        "more data behind",
                        "30 items"),
                bad("train-labels-idx1-ubyte", bytes -> put(bytes, 10, 0x0a0b0c0d), "label 10 at index 2", "0 to 9"));
    }

    private static Arguments bad(String file, UnaryOperator<byte[]> change, String found, String expected) {
        return Arguments.of(file, change, found, expected);
    }

    private static byte[] put(byte[] bytes, int at, int value) {
        return ByteBuffer.wrap(bytes.clone()).putInt(at, value).array();
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aBadFileIsRefusedNamingItAndWhatWasFoundAndExpected(
            String file, UnaryOperator<byte[]> change, String found, String expected) {
        for (boolean zipped : new boolean[] {false, true}) {
            // Given
            IdxFixtures.writeSet(directory, 30, 12, zipped);
            Path bad = directory.resolve(file + (zipped ? ".gz" : ""));
            int count = file.startsWith("train") ? 30 : 12;
            byte[] good = file.contains("images") ? IdxFixtures.images(count) : IdxFixtures.labels(count);
            IdxFixtures.write(bad, change.apply(good));

            // Then
            assertThatExceptionOfType(DatasetUnavailableException.class)
                    .isThrownBy(() -> read(directory))
                    .withMessageContaining(bad + ": found " + found)
                    .withMessageContaining(expected)
                    .withMessageContaining("replace the file");
            delete(bad);
        }
    }

    @Test
    void brokenGzipIsRefused() throws IOException {
        // Given
        IdxFixtures.writeSet(directory, 30, 12, true);
        Path file = directory.resolve("train-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(file);

        // Then
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertRefused(file, "gzip data that ends too early");
        Files.write(file, IdxFixtures.images(30));
        assertRefused(file, "broken gzip data");
        byte[] flipped = whole.clone();
        flipped[whole.length - 6] ^= 1;
        Files.write(file, flipped);
        assertRefused(file, "broken gzip data");
        Files.write(file, new byte[0]);
        assertRefused(file, "gzip data that ends too early");
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused() {
        IdxFixtures.writeSet(directory, 30, 12, false);
        IdxFixtures.write(directory.resolve("train-labels-idx1-ubyte"), IdxFixtures.labels(29));

        assertThatThrownBy(() -> read(directory))
                .hasMessageContaining("has 30 images")
                .hasMessageContaining("has 29 labels")
                .hasMessageContaining("belong together");
    }

    @Test
    void aDirectoryWithoutTheFilesIsRefusedNamingThem() throws IOException {
        assertThatThrownBy(() -> read(directory.resolve("none"))).hasMessageContaining("is no directory");
        IdxFixtures.writeSet(directory, 30, 12, false);
        Files.delete(directory.resolve("t10k-labels-idx1-ubyte"));
        assertThatThrownBy(() -> read(directory))
                .hasMessageContaining("lacks t10k-labels-idx1-ubyte[.gz];")
                .hasMessageContaining("--data-dir");
    }

    @Test
    void imagesOfAnySizeAndAnyClassesAreReadUnderNamesThatAreNearlyTheUsual() throws IOException {
        // Given 26 letters, of which the first is 1, as EMNIST has them
        write("emnist-letters-train", 26, 6, 5, 1);
        write("emnist-letters-test", 13, 6, 5, 1);

        // When
        DataSource set = IdxDirectory.any("letters").read(directory);

        // Then
        assertThat(IdxDirectory.isOne(directory)).isTrue();
        assertThat(set.info().name()).isEqualTo("letters");
        assertThat(set.info().height()).isEqualTo(6);
        assertThat(set.info().width()).isEqualTo(5);
        assertThat(set.info().classes()).hasSize(27).contains("0", "26");
        assertThat(set.label(Split.TEST, 12)).isEqualTo(13);
        assertThat(set.contents().notes()).contains("class \"0\" has no training or test images");
        // 26 images of one value each, 0 to 25
        assertThat(set.contents().mean()).containsExactly(0.049);
        assertThat(set.contents().deviation()).containsExactly(0.0294);
    }

    @Test
    void testImagesOfAnotherSizeOrClassThanTheTrainingImagesAreRefused() throws IOException {
        write("train", 26, 6, 5, 0);
        write("test", 13, 6, 4, 0);
        assertThatThrownBy(() -> IdxDirectory.any("letters").read(directory))
                .hasMessageContaining("found a dimension of 4 pixels, expected 5 pixels");
        write("test", 13, 6, 5, 20);
        assertThatThrownBy(() -> IdxDirectory.any("letters").read(directory))
                .hasMessageContaining("found label 26 at index 6, expected labels 0 to 25");
    }

    @Test
    void filesOfWhichItIsNotClearWhichIsMeantAreNamed() throws IOException {
        write("emnist-letters-train", 2, 6, 5, 0);
        write("emnist-digits-train", 2, 6, 5, 0);
        assertThatThrownBy(() -> IdxDirectory.any("letters").read(directory))
                .hasMessageContaining("has 2 files that may be train-images-idx3-ubyte")
                .hasMessageContaining("emnist-digits-train-images-idx3-ubyte");
    }

    /** Images of one value each, their number, and labels that begin with one. */
    private void write(String prefix, int count, int height, int width, int firstLabel) {
        ByteBuffer images = ByteBuffer.allocate(16 + count * height * width);
        images.putInt(2051).putInt(count).putInt(height).putInt(width);
        ByteBuffer labels = ByteBuffer.allocate(8 + count).putInt(2049).putInt(count);
        for (int k = 0; k < count; k++) {
            for (int pixel = 0; pixel < height * width; pixel++) {
                images.put((byte) k);
            }
            labels.put((byte) (firstLabel + k));
        }
        IdxFixtures.write(directory.resolve(prefix + "-images-idx3-ubyte"), images.array());
        IdxFixtures.write(directory.resolve(prefix + "-labels-idx1-ubyte"), labels.array());
    }

    private void assertRefused(Path file, String found) {
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> read(directory))
                .withMessageContaining(file + ": found " + found);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
