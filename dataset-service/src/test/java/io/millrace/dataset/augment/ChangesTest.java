// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Region.Box;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is left to chance, and within which bounds. What each change does then, {@link TorchvisionTest} compares. */
class ChangesTest {
    private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
    private static final byte[] IMAGE = Images.counting(SHAPE);

    @Test
    void aFlipExchangesLeftAndRightAsOftenAsItsProbability() {
        Transform flip = new RandomHorizontalFlip(0.25, SHAPE);
        List<Integer> flipped =
                IntStream.range(0, 64).mapToObj(k -> k / 8 * 8 + 8 - k % 8).toList();

        assertThat(Images.outcomes(flip, IMAGE, 50)).containsExactlyInAnyOrder(Images.values(IMAGE), flipped);
        long flips = IntStream.range(0, 10_000)
                .filter(k -> flip.apply(IMAGE.clone(), Images.random(k))[0] != IMAGE[0])
                .count();
        assertThat(flips / 10_000.0).isCloseTo(0.25, within(0.02));
        assertThat(Images.outcomes(new RandomHorizontalFlip(0, SHAPE), IMAGE, 50))
                .containsExactly(Images.values(IMAGE));
        assertThat(Images.outcomes(new RandomHorizontalFlip(1, SHAPE), IMAGE, 50))
                .containsExactly(flipped);
    }

    @Test
    void cutoutOfOneSizeLiesInsideAndShowsTheMean() {
        // Given a quarter of the sides each way, and a normalization whose mean is byte 100
        Transform cutout = new RandomErasing(
                new Augmentation.RandomErasing(1.0, List.of(1.0 / 16, 1.0 / 16), List.of(1.0, 1.0), null),
                SHAPE,
                new Normalization(List.of(0.02f), List.of(100.2f)));

        // When
        Set<Integer> places = new HashSet<>();
        for (int draw = 0; draw < 2000; draw++) {
            byte[] erased = cutout.apply(IMAGE.clone(), Images.random(draw));
            int[] covered =
                    IntStream.range(0, 64).filter(k -> erased[k] != IMAGE[k]).toArray();

            // Then
            int first = covered[0];
            assertThat(covered).containsExactly(first, first + 1, first + 8, first + 9);
            assertThat(IntStream.of(covered)).allMatch(k -> erased[k] == 100);
            places.add(first);
        }
        assertThat(places).hasSize(7 * 7);
    }

    @Test
    void whatCoversIsANormalizedValue() {
        Transform erasing = new RandomErasing(
                new Augmentation.RandomErasing(1.0, List.of(0.25, 0.25), List.of(1.0, 1.0), -1.0),
                SHAPE,
                new Normalization(List.of(0.02f), List.of(100f)));

        // -1 / 0.02 + 100
        assertThat(Images.values(erasing.apply(IMAGE.clone(), Images.random(0))))
                .contains(50);
    }

    @Test
    void anErasedAreaAndItsRatioStayWithinTheirBounds() {
        ImageShape large = new ImageShape(1, 100, 80);
        Transform erasing = new RandomErasing(
                new Augmentation.RandomErasing(1.0, List.of(0.1, 0.2), List.of(0.5, 1.0), null),
                large,
                new Normalization(List.of(1f), List.of(255f)));
        for (int draw = 0; draw < 300; draw++) {
            byte[] erased = erasing.apply(new byte[8000], Images.random(draw));
            int[] covered = IntStream.range(0, 8000).filter(k -> erased[k] != 0).toArray();
            int height = covered[covered.length - 1] / 80 - covered[0] / 80 + 1;
            int width = covered.length / height;

            assertThat(covered.length / 8000.0).isBetween(0.095, 0.21);
            assertThat((double) height / width).isBetween(0.46, 1.05);
        }
    }

    @Test
    void aPartOfThePictureStaysInsideWithinItsBounds() {
        RandomResizedCrop crop =
                new RandomResizedCrop(new Augmentation.RandomResizedCrop(List.of(0.25, 0.5), List.of(0.5, 2.0)), SHAPE);
        for (int draw = 0; draw < 1000; draw++) {
            Box box = crop.box(300, 400, Images.random(draw));

            assertThat(box.top()).isBetween(0, 300 - box.height());
            assertThat(box.left()).isBetween(0, 400 - box.width());
            assertThat(box.height() * box.width() / 120_000.0).isBetween(0.245, 0.505);
            assertThat((double) box.width() / box.height()).isBetween(0.49, 2.02);
        }
    }

    @Test
    void ofAPictureInWhichNoPartFitsTheCentreIsTaken() {
        RandomResizedCrop crop =
                new RandomResizedCrop(new Augmentation.RandomResizedCrop(List.of(1.0, 1.0), null), SHAPE);

        assertThat(crop.box(100, 1000, Images.random(1))).isEqualTo(new Box(0, 433, 100, 133));
        assertThat(crop.box(1000, 99, Images.random(1))).isEqualTo(new Box(434, 0, 132, 99));
    }

    @Test
    void withoutRangesNothingMovesAndNoColourChanges() {
        Transform affine = new RandomAffine(new Augmentation.RandomAffine(null, null, null, null, null, null), SHAPE);
        Transform jitter = new ColorJitter(new Augmentation.ColorJitter(null, null, null), SHAPE);

        assertThat(Images.outcomes(affine, IMAGE, 20)).containsExactly(Images.values(IMAGE));
        assertThat(Images.outcomes(jitter, IMAGE, 20)).containsExactly(Images.values(IMAGE));
    }

    @Test
    void translationGoesBothWaysByWholePixels() {
        Transform affine = new RandomAffine(
                new Augmentation.RandomAffine(null, List.of(0.25, 0.0), null, null, null, null), SHAPE);

        // Two pixels of eight, either way, or one, or none
        assertThat(Images.outcomes(affine, IMAGE, 300)).hasSize(5);
    }
}
