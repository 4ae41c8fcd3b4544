// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Precision;
import org.junit.jupiter.api.Test;

class TorchTest {
    @Test
    void onlyAutoIsResolved() {
        assertThat(Torch.resolve(Precision.FP32)).isEqualTo(Precision.FP32);
        assertThat(Torch.resolve(Precision.BF16)).isEqualTo(Precision.BF16);
        assertThat(Torch.resolve(Precision.AUTO)).isNotEqualTo(Precision.AUTO);
    }

    @Test
    void theDescriptionNamesEngineVersionAndThreads() {
        assertThat(Torch.description()).contains("PyTorch 2.3.1", Torch.threads() + " threads");
    }

    @Test
    void aThreadCountThatMakesNoSenseIsRefusedByName() {
        String before = System.getProperty(Torch.THREADS_PROPERTY);
        System.setProperty(Torch.THREADS_PROPERTY, "two");
        try {
            assertThatThrownBy(Torch::threads)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("millrace.threads", "two");
        } finally {
            if (before == null) {
                System.clearProperty(Torch.THREADS_PROPERTY);
            } else {
                System.setProperty(Torch.THREADS_PROPERTY, before);
            }
        }
    }
}
