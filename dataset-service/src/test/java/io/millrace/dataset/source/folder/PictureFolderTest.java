// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.dataset.source.Contents;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.image.Fitting;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import io.millrace.image.Region.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures as people keep them, and as nobody should. */
class PictureFolderTest {
    private static final Decoders DECODERS = new Decoders();

    @TempDir
    private Path directory;

    @AfterAll
    static void stop() {
        DECODERS.close();
    }

    private DataSource open(Path place, double badShare, Optional<ImageShape> size)
            throws DatasetUnavailableException, InterruptedException {
        return PictureFolder.open(
                "mine",
                place,
                directory.resolve("cache"),
                new PictureFolder.Options(size, 0.2, badShare, 1 << 20),
                DECODERS);
    }

    private DataSource open(Map<String, byte[]> files) throws IOException, InterruptedException {
        return open(Pictures.write(directory.resolve("pictures"), files), 0.05, Optional.empty());
    }

    private void assertRefused(Map<String, byte[]> files, String... parts) throws IOException {
        Path root = Pictures.write(Files.createTempDirectory(directory, "refused"), files);
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(root, 0.05, Optional.empty()))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts).contains(root.toString()));
    }

    @Test
    void foldersAreClassesWhateverTheirNamesAndEachHasAPartForTesting() throws Exception {
        DataSource set = open(Pictures.three());

        assertThat(set.info().name()).isEqualTo("mine");
        assertThat(set.info().classes()).containsExactly("cats & dogs", "it's \"quoted\"", "\uD83D\uDE00 smile");
        assertThat(set.info().shape()).isEqualTo(new ImageShape(3, 10, 12));
        assertThat(set.info().input()).isEqualTo(InputConvention.PHOTO);
        assertThat(set.size(Split.TRAIN) + set.size(Split.TEST)).isEqualTo(30);
        assertThat(set.counts(Split.TRAIN)).doesNotContain(0);
        assertThat(set.counts(Split.TEST)).doesNotContain(0);
        assertThat(set.contents().sizes()).isEqualTo("12x10");
        assertThat(set.contents().skippedFiles()).isZero();
    }

    @Test
    void aPictureThatHasTheFormAlreadyIsTakenAsItIs() throws Exception {
        DataSource set = open(Pictures.three());
        PictureReader reader = new PictureReader(ReadLimits.DEFAULT);
        List<byte[]> all = new ArrayList<>();
        for (byte[] file : Pictures.three().values()) {
            all.add(reader.read(file).samples());
        }

        for (Split split : Split.values()) {
            for (int index = 0; index < set.size(split); index++) {
                byte[] image = new byte[set.imageSize()];
                set.read(split, index, image, 0);
                assertThat(all).contains(image);
                all.removeIf(other -> Arrays.equals(other, image));
            }
        }
        assertThat(all).as("each was read once").isEmpty();
    }

    @Test
    void nothingThatCanBeUsedIsSaidWhateverShareOfItMayBeBad() throws Exception {
        byte[] header = Arrays.copyOf(Pictures.small(1), 40);
        Path root = Pictures.write(
                directory.resolve("bad"),
                Map.of("a/1.png", header, "a/2.png", header, "b/1.png", header, "b/2.png", header));

        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(root, 1, Optional.empty()))
                .withMessageContaining("has no training image that can be used");
    }

    /** Pictures of 12 x 10 pixels that are 5 x 5 to the network: a part of that size is cut before anything is scaled. */
    @Test
    void aPartIsCutFromThePictureInTheFile() throws Exception {
        Path folder = Pictures.write(directory.resolve("large"), Pictures.three());
        DataSource set = open(folder, 0.05, Optional.of(new ImageShape(3, 5, 5)));
        Fitting cut = Fitting.cut(set.info().shape(), 10, (height, width) -> new Box(height - 5, width - 5, 5, 5));
        List<byte[]> corners = new ArrayList<>();
        for (byte[] file : Pictures.three().values()) {
            corners.add(cut.fit(new PictureReader(ReadLimits.DEFAULT).read(file))
                    .picture()
                    .samples());
        }

        byte[] image = new byte[set.imageSize()];
        set.read(Split.TRAIN, 0, cut, image, 0);

        assertThat(corners).contains(image);
        set.read(Split.TRAIN, 0, image, 0);
        assertThat(corners).doesNotContain(image);
    }

    @Test
    void aZipATarAndAGzippedTarOfTheSameAreTheSame() throws Exception {
        // Given a folder, and archives with that folder in another one
        Map<String, byte[]> files = Pictures.three();
        Map<String, byte[]> packed = new TreeMap<>();
        files.forEach((name, file) -> packed.put("my pictures/" + name, file));
        packed.put("__MACOSX/my pictures/._x", new byte[3]);
        String digest = open(files).info().digest();

        // Then
        for (Path archive : List.of(
                Pictures.zip(directory.resolve("a.zip"), packed),
                Pictures.tar(directory.resolve("a.tar"), packed, false),
                Pictures.tar(directory.resolve("a.tgz"), packed, true))) {
            DataSource set = open(archive, 0, Optional.empty());
            assertThat(set.info().digest()).as(archive.toString()).isEqualTo(digest);
            byte[] image = new byte[set.imageSize()];
            set.read(Split.TRAIN, 3, image, 0);
            assertThat(image).isNotEqualTo(new byte[set.imageSize()]);
        }
    }

    @Test
    void whereFilesGoDoesNotDependOnTheirNamesOrOnOthers() throws Exception {
        // Given pictures, and the same under other names, one of them twice, and with others beside them
        Map<String, byte[]> files = Pictures.three();
        Map<String, byte[]> renamed = new TreeMap<>();
        files.forEach((name, file) -> renamed.put(name.replace(".png", "-renamed.png"), file));
        renamed.put("cats & dogs/copy.png", files.get("cats & dogs/4.png"));
        Pictures.many(renamed, "cats & dogs/more", 20, 9);

        // Then what was tested on is tested on, and no copy is on both sides
        List<byte[]> before = images(open(files), Split.TEST);
        DataSource after = open(Pictures.write(directory.resolve("renamed"), renamed), 0, Optional.empty());
        List<byte[]> trained = images(after, Split.TRAIN);
        int moved = 0;
        for (byte[] image : before) {
            moved += trained.stream().anyMatch(other -> Arrays.equals(image, other)) ? 1 : 0;
        }
        assertThat(moved)
                .as("one of each class at most, where it was the only one")
                .isLessThanOrEqualTo(1);
        assertThat(after.contents().duplicates()).isZero();
        assertThat(after.counts(Split.TEST)[0]).isBetween(2, 12);
    }

    private static List<byte[]> images(DataSource set, Split split) throws DatasetUnavailableException {
        List<byte[]> images = new ArrayList<>();
        for (int index = 0; index < set.size(split); index++) {
            images.add(new byte[set.imageSize()]);
            set.read(split, index, images.get(index), 0);
        }
        return images;
    }

    @Test
    void foldersForTrainingAndTestAreKeptApartAndDifferencesAreNamed() throws Exception {
        // Given a class without test images, one without training images, and a folder with nothing
        Map<String, byte[]> files = new TreeMap<>();
        Pictures.many(files, "Train/cat", 20, 1);
        Pictures.many(files, "Train/dog", 40, 2);
        Pictures.many(files, "Train/owl/deeper/still", 5, 3);
        Pictures.many(files, "test/cat", 3, 4);
        Pictures.many(files, "test/dog", 4, 5);
        Pictures.many(files, "test/yak", 1, 6);
        Pictures.many(files, "val/cat", 2, 7);
        files.put("README.txt", "about".getBytes(UTF_8));
        Path root = Pictures.write(directory.resolve("divided"), files);
        Files.createDirectories(root.resolve("train").resolve("ant"));
        Files.createDirectories(root.resolve("Train").resolve("ant"));

        // When
        DataSource set = open(root, 0.05, Optional.empty());

        // Then
        assertThat(set.info().classes()).containsExactly("cat", "dog", "owl");
        assertThat(set.counts(Split.TRAIN)).containsExactly(20, 40, 5);
        assertThat(set.counts(Split.TEST)).containsExactly(3, 4, 0);
        assertThat(set.contents().skipped())
                .containsExactly(new Contents.Skipped("test/yak/0.png", "class \"yak\" has no training images"));
        assertThat(set.contents().notes())
                .contains(
                        "class \"yak\" is in the test split only; its 1 images are skipped",
                        "class \"owl\" has no test images",
                        "the folder \"ant\" is empty, and no class",
                        "the folder \"val\" beside \"Train\" and \"test\" is not used",
                        "3 files lie beside the folders of the classes and show nothing")
                .anyMatch(note -> note.contains("not balanced: \"owl\" has 5 training images, \"dog\" has 40"));
    }

    @Test
    void whatCannotBeUsedIsSkippedCountedAndNamed() throws Exception {
        // Given six files of 60 that are no use
        Map<String, byte[]> files = new TreeMap<>();
        Pictures.many(files, "cat", 30, 1);
        Pictures.many(files, "dog", 30, 2);
        byte[] whole = Pictures.picture("png", 60, 60, false, 5);
        files.put("cat/text.jpg", "no picture".getBytes(UTF_8));
        files.put("cat/nothing.png", new byte[0]);
        files.put("cat/truncated.png", Arrays.copyOf(whole, whole.length / 2));
        files.put("dog/point.png", Pictures.picture("png", 1, 1, false, 6));
        files.put("dog/line.png", Pictures.picture("png", 30_000, 2, true, 7));
        files.put("dog/.hidden", new byte[7]);
        Path root = Pictures.write(directory.resolve("bad"), files);

        // When
        DataSource set = open(root, 0.08, Optional.empty());

        // Then
        assertThat(set.size(Split.TRAIN) + set.size(Split.TEST)).isEqualTo(60);
        assertThat(set.info().shape()).as("what is not used decides nothing").isEqualTo(new ImageShape(3, 10, 12));
        assertThat(set.contents().skippedFiles()).isEqualTo(5);
        assertThat(set.contents().skipped())
                .extracting(Contents.Skipped::file)
                .containsExactlyInAnyOrder(
                        "cat/text.jpg", "cat/nothing.png", "cat/truncated.png", "dog/point.png", "dog/line.png");
        assertThat(set.contents().skipped())
                .anyMatch(file ->
                        file.file().equals("dog/line.png") && file.reason().contains("30000 x 2"));

        // And with the usual share it is refused
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(root, 0.05, Optional.empty()))
                .withMessageContaining("5 of the 65 files in " + root + " cannot be used, more than the 5.00 %")
                .withMessageContaining("millrace.dataset.max-bad-share")
                .withMessageContaining("\"cat/nothing.png\" (");
    }

    @Test
    void whatIsNoDataSetIsRefusedWithTheRemedy() throws Exception {
        Map<String, byte[]> one = new TreeMap<>();
        Pictures.many(one, "cat", 10, 1);
        assertRefused(one, "only one class with pictures, \"cat\"", "two or more classes");
        assertRefused(Map.of("a.png", Pictures.small(1)), "no folders with pictures", "CSV");
        assertRefused(Map.of(".hidden/x", new byte[1]), "no folders with pictures");
        Map<String, byte[]> same = new TreeMap<>();
        Pictures.many(same, "train/cat", 10, 1);
        Pictures.many(same, "train/dog", 10, 2);
        Pictures.many(same, "test/cat", 5, 1);
        assertRefused(same, "all 5 test images", "are in the training split, too");
        Map<String, byte[]> untested = new TreeMap<>();
        Pictures.many(untested, "train/cat", 10, 1);
        Pictures.many(untested, "train/dog", 10, 2);
        untested.put("test/x.txt", new byte[1]);
        assertRefused(untested, "has no test images that can be used", "20 % of each are taken");

        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(directory.resolve("nowhere"), 0, Optional.empty()))
                .withMessageContaining("nowhere is not there; set millrace.dataset.data-dir");
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(Files.write(directory.resolve("x.rar"), new byte[9]), 0, Optional.empty()))
                .withMessageContaining("x.rar is neither a directory, a zip, a tar nor a gzipped tar");
    }

    @Test
    void someTestImagesThatAreTrainedOnAreCounted() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        Pictures.many(files, "train/cat", 10, 1);
        Pictures.many(files, "train/dog", 10, 2);
        Pictures.many(files, "test/cat", 5, 3);
        files.put("test/dog/again.png", files.get("train/dog/3.png"));

        assertThat(open(files).contents().duplicates()).isEqualTo(1);
        assertThat(open(files).contents().notes())
                .anyMatch(note -> note.startsWith("1 of 6 test images are in the training split, too"));
    }

    @Test
    void linksAreFollowedButNotInCircles() throws Exception {
        Path root = Pictures.write(directory.resolve("linked"), Pictures.three());
        Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
        Pictures.write(elsewhere, Map.of("far.png", Pictures.small(77)));
        Files.createSymbolicLink(root.resolve("cats & dogs").resolve("loop"), root);
        Files.createSymbolicLink(root.resolve("cats & dogs").resolve("dead.png"), root.resolve("nothing"));
        Files.createSymbolicLink(root.resolve("cats & dogs").resolve("linked"), elsewhere);

        DataSource set = open(root, 0.1, Optional.empty());

        assertThat(set.size(Split.TRAIN) + set.size(Split.TEST)).isEqualTo(31);
        assertThat(set.contents().skipped())
                .containsExactlyInAnyOrder(
                        new Contents.Skipped("cats & dogs/loop", "it is a link to a folder that it lies in"),
                        new Contents.Skipped("cats & dogs/dead.png", "it is a link to nothing"));
    }

    @Test
    void namesThatLeadOutOfAnArchiveAreSkippedAndBombsRefused() throws Exception {
        // Given
        Map<String, byte[]> files = new TreeMap<>();
        Pictures.many(files, "p/cat", 20, 1);
        Pictures.many(files, "p/dog", 20, 2);
        files.put("../../evil.png", Pictures.small(1));
        files.put("/etc/evil.png", Pictures.small(2));
        Path zip = Pictures.zip(directory.resolve("slip.zip"), files);
        Path tar = Pictures.tar(directory.resolve("slip.tar"), files, false);

        // Then
        for (Path archive : List.of(zip, tar)) {
            Contents contents = open(archive, 0.1, Optional.empty()).contents();
            assertThat(contents.skipped())
                    .extracting(Contents.Skipped::file)
                    .containsExactlyInAnyOrder("../../evil.png", "/etc/evil.png");
            assertThat(contents.skipped())
                    .extracting(Contents.Skipped::reason)
                    .containsOnly("its name leads out of the archive");
        }

        // And a file that unpacks to more than is taken of a picture is skipped, before it is in memory
        files.put("p/cat/bomb.png", new byte[ReadLimits.DEFAULT.bytes() + 1]);
        DataSource set = open(Pictures.zip(directory.resolve("bomb.zip"), files), 0.1, Optional.empty());
        assertThat(set.contents().skipped())
                .anyMatch(file -> file.file().equals("p/cat/bomb.png")
                        && file.reason().contains("more than the " + ReadLimits.DEFAULT.bytes()));
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(Pictures.tar(directory.resolve("bomb.tgz"), files, true), 0.1, Optional.empty()))
                .withMessageContaining("unpacks to more than 1048576 bytes; raise millrace.dataset.max-unpacked");
    }

    @Test
    void archivesThatAreNotWholeAreRefused() throws Exception {
        for (Path archive : List.of(
                Pictures.zip(directory.resolve("a.zip"), Pictures.three()),
                Pictures.tar(directory.resolve("a.tar"), Pictures.three(), false),
                Pictures.tar(directory.resolve("a.tgz"), Pictures.three(), true))) {
            byte[] whole = Files.readAllBytes(archive);
            Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
            assertThatExceptionOfType(DatasetUnavailableException.class)
                    .as(archive.toString())
                    .isThrownBy(() -> open(archive, 0, Optional.empty()))
                    .withMessageContaining(archive + " cannot be read (");
        }
    }

    @Test
    void aTableBesideThePicturesSaysTheirLabels() throws Exception {
        // Given
        Map<String, byte[]> files = new TreeMap<>();
        Pictures.many(files, "images", 30, 1);
        StringBuilder table = new StringBuilder("\uFEFFfile,Label,split\n");
        for (int k = 0; k < 28; k++) {
            table.append("images/")
                    .append(k)
                    .append(".png,\"")
                    .append(k % 2 == 0 ? "yes, it is" : "no")
                    .append("\",")
                    .append(k < 20 ? "train" : "test")
                    .append("\n");
        }
        files.put("labels.csv", (table + "images/lost.png,no,train\n").getBytes(UTF_8));

        // When
        DataSource set = open(files);

        // Then
        assertThat(set.info().classes()).containsExactly("no", "yes, it is");
        assertThat(set.counts(Split.TRAIN)).containsExactly(10, 10);
        assertThat(set.counts(Split.TEST)).containsExactly(4, 4);
        assertThat(set.contents().skipped())
                .containsExactly(new Contents.Skipped("images/lost.png", "labels.csv names it, but it is not there"));
        assertThat(set.contents().notes()).contains("2 files have no label in labels.csv");

        files.put("labels.csv", "picture;label\n".getBytes(UTF_8));
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(files))
                .withMessageContaining("labels.csv has no column \"file\"");
        files.put(
                "labels.csv",
                "file,label\nimages/0.png,yes\nimages/0.png,no\nimages/1.png\nimages/2.png,yes\n".getBytes(UTF_8));
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> open(files))
                .withMessageContaining("only one class with pictures, \"yes\"");
    }

    @Test
    void picturesOfManySizesAreMadeOneAndGreyOnesStayGrey() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        for (int k = 0; k < 20; k++) {
            files.put(k % 2 + "/" + k + ".png", Pictures.picture("png", 20 + k, 30, true, k));
        }
        DataSource grey = open(files);
        assertThat(grey.info().shape()).isEqualTo(new ImageShape(1, 224, 224));
        assertThat(grey.contents().sizes()).isEqualTo("20x30 to 39x30");

        // When one of them has colours, which is not among the first that are looked at
        files.put("0/2.png", Pictures.picture("png", 22, 30, false, 1));
        Path root = Pictures.write(directory.resolve("coloured"), files);

        // Then all have
        assertThat(open(root, 0, Optional.of(new ImageShape(1, 16, 24))).info().shape())
                .isEqualTo(new ImageShape(3, 16, 24));
    }

    @Test
    void aFileThatChangesLaterIsNotTrainedOn() throws Exception {
        Map<String, byte[]> files = Pictures.three();
        DataSource set = open(files);
        byte[] image = new byte[set.imageSize()];
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve("pictures").resolve(file.getKey()), Pictures.small(-1));
        }

        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> set.read(Split.TRAIN, 0, image, 0))
                .withMessageContaining("of the data set mine cannot be read any more (it is not what it was")
                .withMessageContaining("put it back as it was");
    }

    @Test
    void whatWasFoundOutIsKeptAndDoneWithout() throws Exception {
        // Given
        DataSource first = open(Pictures.three());
        Path cache = directory.resolve("cache");
        assertThat(Pictures.count(cache)).isEqualTo(1);

        // Then it is found again
        DataSource again = open(Pictures.three());
        assertThat(again.info()).isEqualTo(first.info());
        assertThat(again.contents()).isEqualTo(first.contents());
        assertThat(Pictures.count(cache)).isEqualTo(1);

        // And done without where it cannot be read
        try (Stream<Path> files = Files.list(cache)) {
            Files.write(files.findFirst().orElseThrow(), new byte[] {'{'});
        }
        assertThat(open(Pictures.three()).info()).isEqualTo(first.info());
    }
}
