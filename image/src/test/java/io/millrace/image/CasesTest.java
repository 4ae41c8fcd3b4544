// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Digits as other programs sent them, which a served model once answered wrongly; beside the project, not in it. */
class CasesTest {
    private static final Path CASES = Path.of(System.getProperty("millrace.root", ".."), "..", "shared", "cases");
    private static final PictureReader READER = new PictureReader(ReadLimits.DEFAULT);
    private static final Fitting FITTING = Fitting.of(InputConvention.INK, new ImageShape(1, 28, 28));

    @BeforeEach
    void there() {
        assumeTrue(Files.isDirectory(CASES), "no cases");
    }

    @ParameterizedTest
    @CsvSource({
        "black_on_white_4.png, ok_digit4.png",
        "blue_ink_4.png, ok_digit4.png",
        "canvas_black_on_transparent_4.png, ok_digit4.png",
        "corner_7.png, ok_digit7.png",
        "digit7.webp, ok_digit7.png",
        "digit7.tiff, ok_digit7.png"
    })
    void aDigitIsTheSameInOtherClothes(String file, String control) throws Exception {
        Fitted fitted = fitted(file);

        assertThat(fitted.warnings()).isEmpty();
        assertThat(InkFittingTest.cosine(fitted.picture(), fitted(control).picture()))
                .isGreaterThan(0.9);
    }

    @Test
    void aDigitStoredUpsideDownIsTurned() throws Exception {
        byte[] file = Files.readAllBytes(CASES.resolve("exif_orientation3_6.jpg"));
        byte[] forgetful = file.clone();
        forgetful[Bytes.find(file, new byte[] {'E', 'x', 'i', 'f', 0, 0}, 0)] = 'X';

        Picture turned = Orientation.of(3).upright(READER.read(forgetful));

        assertThat(READER.read(file).samples()).isEqualTo(turned.samples());
    }

    @Test
    void aTruncatedFileIsRefusedWithTheReason() {
        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> fitted("truncated.bmp"))
                .withMessageContaining("the BMP image cannot be read: it ends too early");
    }

    private static Fitted fitted(String file) throws Exception {
        return READER.read(Files.readAllBytes(CASES.resolve(file)), FITTING);
    }
}
