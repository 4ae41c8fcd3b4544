// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.registry.FakeModels.Fake;
import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class ServedModelTest {
    private final Fake network = FakeModels.firstPixel();
    private final ServedModel model = FakeModels.served("v1", network);

    @Test
    void isClosedWhenItsLastUserHasGone() {
        // Given
        ServedModel.Lease first = model.lease().orElseThrow();
        ServedModel.Lease second = model.lease().orElseThrow();

        // When
        model.retire();
        first.close();
        int whileUsed = network.closed();
        second.close();

        // Then
        assertThat(whileUsed).isZero();
        assertThat(network.closed()).isOne();
        assertThat(model.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    void staysOpenWithoutUsersUntilItIsRetired() {
        // When
        model.lease().orElseThrow().close();

        // Then
        assertThat(network.closed()).isZero();
        assertThat(model.lease()).isPresent();
    }

    @Test
    void canStillBeUsedWhileItDrains() {
        // Given
        ServedModel.Lease held = model.lease().orElseThrow();

        // When
        model.retire();

        // Then
        assertThat(held.classifier().predict(List.of(new byte[] {3})).predicted(0))
                .isEqualTo(3);
    }

    @Test
    void givesNoLeaseOnceClosed() {
        // When
        model.retire();

        // Then
        assertThat(model.lease()).isEmpty();
    }

    @Test
    void whatIsReturnedOrRetiredTwiceCountsOnce() {
        // Given
        ServedModel.Lease twice = model.lease().orElseThrow();
        ServedModel.Lease other = model.lease().orElseThrow();

        // When
        twice.close();
        twice.close();
        model.retire();
        model.retire();
        int whileUsed = network.closed();
        other.close();

        // Then
        assertThat(whileUsed).isZero();
        assertThat(network.closed()).isOne();
    }

    @Test
    void failureToCloseIsReported() {
        // Given
        BatchClassifier broken = new BatchClassifier() {
            @Override
            public Predictions predict(List<byte[]> images) {
                return new Predictions(new float[1], 1);
            }

            @Override
            public Heat explain(byte[] image, int label) {
                return new Heat(0, 0, new float[0]);
            }

            @Override
            public void close() {
                throw new IllegalStateException("native failure");
            }
        };
        ServedModel failing = FakeModels.served("v1", broken);

        // When
        failing.retire();

        // Then
        assertThat(failing.closed().toCompletableFuture())
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("native failure");
    }
}
