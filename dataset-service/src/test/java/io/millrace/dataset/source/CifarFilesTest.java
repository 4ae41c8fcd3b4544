// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.InputConvention;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {
    private static final int RECORD = 3073;

    @TempDir
    private Path directory;

    /** Files of 20 samples each, sample k of class k modulo 10: red is k, green twice that, blue 7. */
    static Map<String, byte[]> files10() {
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : CifarFiles.CIFAR10.train()) {
            files.put(name, records(20, 1));
        }
        files.put("test_batch.bin", records(10, 1));
        files.put("batches.meta.txt", names(10));
        return files;
    }

    private static byte[] names(int count) {
        return IntStream.range(0, count)
                .mapToObj(k -> "class " + k + "\n")
                .collect(Collectors.joining())
                .concat("\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] records(int count, int labelBytes) {
        int each = labelBytes + 3072;
        byte[] bytes = new byte[count * each];
        for (int k = 0; k < count; k++) {
            int at = k * each;
            bytes[at] = 19;
            bytes[at + labelBytes - 1] = (byte) (labelBytes == 1 ? k % 10 : k);
            Arrays.fill(bytes, at + labelBytes, at + labelBytes + 1024, (byte) k);
            Arrays.fill(bytes, at + labelBytes + 1024, at + labelBytes + 2048, (byte) (2 * k));
            Arrays.fill(bytes, at + labelBytes + 2048, at + each, (byte) 7);
        }
        return bytes;
    }

    static void write(Path into, Map<String, byte[]> files) throws IOException {
        Files.createDirectories(into);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(into.resolve(file.getKey()), file.getValue());
        }
    }

    private static void pack(Path archive, String folder, Map<String, byte[]> files) throws IOException {
        try (OutputStream out = Files.newOutputStream(archive);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(folder + "/" + file.getKey());
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
    }

    private DataSource read10() throws DatasetUnavailableException {
        return CifarFiles.CIFAR10.read(directory, directory.resolve("cache"));
    }

    @Test
    void samplesAreReadFromAllFilesInTheirOrder() throws IOException {
        // Given
        write(directory, files10());

        // When
        DataSource set = read10();

        // Then
        assertThat(set.info().trainSamples()).isEqualTo(100);
        assertThat(set.info().testSamples()).isEqualTo(10);
        assertThat(set.info().channels()).isEqualTo(3);
        assertThat(set.info().height()).isEqualTo(32);
        assertThat(set.info().input()).isEqualTo(InputConvention.PHOTO);
        assertThat(set.info().classes()).hasSize(10).startsWith("class 0", "class 1");
        assertThat(set.label(Split.TRAIN, 57)).isEqualTo(7);
        byte[] image = new byte[1 + 3072];
        set.read(Split.TRAIN, 57, image, 1);
        assertThat(image[1]).isEqualTo((byte) 17);
        assertThat(image[1 + 1024]).isEqualTo((byte) 34);
        assertThat(image[3072]).isEqualTo((byte) 7);
        assertThat(set.counts(Split.TEST)).containsOnly(1);
    }

    @Test
    void meanAndDeviationAreThoseOfTheTrainingSplit() throws IOException {
        write(directory, files10());

        Contents contents = read10().contents();

        // 0 to 19, each as often: mean 9.5, variance (20 * 20 - 1) / 12
        assertThat(contents.mean()).containsExactly(0.0373, 0.0745, 0.0275);
        assertThat(contents.deviation()).containsExactly(0.0226, 0.0452, 0.0039);
        assertThat(contents.classes().get(3)).isEqualTo(new Contents.OfClass("class 3", 10, 1));
        assertThat(contents.duplicates()).isEqualTo(10);
        assertThat(contents.notes())
                .anyMatch(note -> note.startsWith("10 of 10 test images are in the training split"));
    }

    @Test
    void theArchiveAndItsFolderWillDoAsWell() throws IOException {
        write(directory, files10());
        String digest = read10().info().digest();

        Path other = Files.createDirectory(directory.resolve("other"));
        pack(other.resolve("cifar-10-binary.tar.gz"), "cifar-10-batches-bin", files10());
        assertThat(CifarFiles.CIFAR10
                        .read(other, directory.resolve("cache"))
                        .info()
                        .digest())
                .isEqualTo(digest);
        Path third = Files.createDirectory(directory.resolve("third"));
        write(third.resolve("cifar-10-batches-bin"), files10());
        assertThat(CifarFiles.CIFAR10
                        .read(third, directory.resolve("cache"))
                        .info()
                        .digest())
                .isEqualTo(digest);
    }

    @Test
    void cifar100HasItsFineLabels() throws IOException {
        write(
                directory,
                Map.of(
                        "train.bin", records(100, 2),
                        "test.bin", records(50, 2),
                        "fine_label_names.txt", names(100)));

        DataSource set = CifarFiles.CIFAR100.read(directory, directory);

        assertThat(set.info().classes()).hasSize(100);
        assertThat(set.label(Split.TRAIN, 99)).isEqualTo(99);
        assertThat(set.label(Split.TEST, 49)).isEqualTo(49);
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        assertRefused("lacks data_batch_1.bin, cifar-10-batches-bin and cifar-10-binary.tar.gz", "--data-dir");
        write(directory, files10());
        Files.write(directory.resolve("data_batch_3.bin"), new byte[2 * RECORD - 1]);
        assertRefused("data_batch_3.bin: found a file of 6145 bytes", "a multiple of 3073");
        byte[] wrong = records(20, 1);
        wrong[5 * RECORD] = 10;
        Files.write(directory.resolve("data_batch_3.bin"), wrong);
        assertRefused("data_batch_3.bin: found label 10 at index 5", "labels 0 to 9");
        Files.delete(directory.resolve("data_batch_3.bin"));
        assertRefused("data_batch_3.bin is missing", "put it back");
        write(directory, files10());
        Files.write(directory.resolve("batches.meta.txt"), names(9));
        assertRefused("batches.meta.txt: found 9 names of classes, expected 10", "intact");
    }

    @Test
    void anArchiveThatIsNotWholeIsRefused() throws IOException {
        Path archive = directory.resolve("cifar-10-binary.tar.gz");
        pack(archive, "cifar-10-batches-bin", files10());
        byte[] whole = Files.readAllBytes(archive);

        Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
        assertRefused(archive + " is no whole tar.gz", "intact");
        Files.write(archive, "<html>".getBytes(StandardCharsets.UTF_8));
        assertRefused(archive + " is no whole tar.gz", "intact");
        Map<String, byte[]> files = files10();
        files.remove("test_batch.bin");
        pack(archive, "cifar-10-batches-bin", files);
        assertRefused(archive + " lacks test_batch.bin", "as it is published");
    }

    private void assertRefused(String... parts) {
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(this::read10)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
}
