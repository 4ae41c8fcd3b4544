// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
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
    void librariesForCudaWithoutADriverAreToldWithTheRemedy() {
        Throwable loader = new UnsatisfiedLinkError("libtorch_cuda.so: libcuda.so.1: cannot open shared object file");
        assertThat(Torch.notLoaded(new EngineException("Failed to load PyTorch native library", loader)))
                .contains("libcuda.so.1", "NVIDIA's driver", "compose.gpu.yaml");
    }

    @Test
    void librariesThatAreNotThereAreToldByName() {
        assertThat(Torch.notLoaded(new UnsatisfiedLinkError("no torch in java.library.path")))
                .isEqualTo("PyTorch's libraries cannot be loaded: no torch in java.library.path");
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
