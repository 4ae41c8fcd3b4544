// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
    @ParameterizedTest
    @CsvSource({
        "sse2 avx2 avx512f avx512_bf16 amx_bf16, amx, true",
        "sse2 avx2 avx512f avx512_bf16, avx512_bf16, true",
        "sse2 avx2 avx512f, avx512, false",
        "sse2 avx2, avx2, false",
        "sse2, '', false"
    })
    void theBestInstructionsAreNamed(String flags, String instructions, boolean multipliesBf16) {
        Processor processor = Processor.of(List.of("processor\t: 0", "model name\t: Some: CPU", "flags\t\t: " + flags));

        assertThat(processor).isEqualTo(new Processor("Some: CPU", instructions));
        assertThat(processor.multipliesBf16()).isEqualTo(multipliesBf16);
    }

    @Test
    void anArmIsKnownByItsFeatures() {
        Processor processor = Processor.of(List.of("Features\t: fp asimd bf16", "CPU implementer\t: 0x41"));

        assertThat(processor).hasToString(System.getProperty("os.arch") + " (bf16)");
        assertThat(processor.multipliesBf16()).isTrue();
    }

    @Test
    void whereNothingIsSaidTheArchitectureIsTheName() {
        assertThat(Processor.of(List.of())).hasToString(System.getProperty("os.arch"));
    }
}
