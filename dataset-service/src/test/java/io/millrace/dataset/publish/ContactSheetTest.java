// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Picture;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
    @Test
    void imagesStandInRowsOfEightAndAreEnlarged() {
        // Given nine images of a column of 10 and one of 20
        byte[] image = {10, 20, 10, 20};

        // When
        Picture sheet = ContactSheet.of(Collections.nCopies(9, image), new ImageShape(1, 2, 2));

        // Then
        assertThat(sheet.width()).isEqualTo(2 + 8 * 114);
        assertThat(sheet.height()).isEqualTo(2 + 2 * 114);
        assertThat(at(sheet, 1, 1)).isEqualTo(255);
        assertThat(at(sheet, 2, 2)).isEqualTo(10);
        assertThat(at(sheet, 113, 113)).isEqualTo(20);
        assertThat(at(sheet, 114, 114)).isEqualTo(255);
        assertThat(at(sheet, 2 + 114, 2)).as("the ninth").isEqualTo(10);
        assertThat(at(sheet, 2 + 114, 2 + 114)).as("no tenth").isEqualTo(255);
    }

    @Test
    void largeImagesAndFewStayAsTheyAre() {
        Picture sheet = ContactSheet.of(List.of(new byte[3 * 200 * 150]), new ImageShape(3, 200, 150));

        assertThat(List.of(sheet.channels(), sheet.height(), sheet.width())).containsExactly(3, 204, 154);
        assertThat(at(sheet, 3, 3)).isZero();
    }

    private static int at(Picture sheet, int y, int x) {
        return sheet.samples()[y * sheet.width() + x] & 0xff;
    }
}
