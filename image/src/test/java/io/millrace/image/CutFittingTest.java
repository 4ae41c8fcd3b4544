// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Region.Box;
import org.junit.jupiter.api.Test;

class CutFittingTest {
    /** Two rows of four. */
    private static final byte[] VALUES = {10, 20, 30, 40, /* second row */ 50, 60, 70, 80};

    private static Picture fit(ImageShape shape, Box box, Picture picture) {
        return Fitting.cut(shape, 1, (height, width) -> box).fit(picture).picture();
    }

    @Test
    void aPartOfTheSizeThatIsWantedStaysAsItIs() {
        Picture part = fit(new ImageShape(1, 2, 2), new Box(0, 1, 2, 2), new Picture(1, 2, 4, VALUES));

        assertThat(part.samples()).containsExactly(20, 30, 60, 70);
    }

    @Test
    void whatIsBesideThePartIsNotSeen() {
        // The mean of the part, whatever stands beside it
        assertThat(fit(new ImageShape(1, 1, 1), new Box(1, 0, 1, 2), new Picture(1, 2, 4, VALUES))
                        .samples())
                .containsExactly(55);
    }

    @Test
    void transparencyIsCutWithItAndLaidOnWhite() {
        Picture picture = new Picture(1, 2, 4, VALUES, new byte[] {-1, -1, -1, 0, -1, -1, -1, -1});

        assertThat(fit(new ImageShape(3, 2, 1), new Box(0, 3, 2, 1), picture).samples())
                .containsExactly(-1, 80, -1, 80, -1, 80);
    }
}
