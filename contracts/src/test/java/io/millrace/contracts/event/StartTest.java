// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.Start.Kind;
import io.millrace.contracts.safetensors.PickledWeights;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartTest {
    private static final String SHA256 = "ab".repeat(32);

    @ParameterizedTest
    @CsvSource({
        "/weights/resnet18.safetensors, FILE, ''",
        "file:///weights/resnet18.safetensors, FILE, ''",
        "mnist-20261120-204500-ab12-mi1x2y3z-step-468, CHECKPOINT, ''",
        "mnist-20261120-204500-ab12-mi1x2y3z-step-468-average, CHECKPOINT, ''",
        "imagenet, IMAGENET, ''",
        "https://example.org/resnet18.safetensors, DOWNLOAD, sha256",
        "http://127.0.0.1:8000/resnet18.safetensors, DOWNLOAD, sha256",
        "http://localhost/resnet18.safetensors, DOWNLOAD, sha256",
        "'http://[::1]:8000/resnet18.safetensors', DOWNLOAD, sha256"
    })
    void knowsWhereWeightsComeFrom(String weights, Kind kind, String digest) {
        assertThat(new Start(weights, digest.isEmpty() ? null : SHA256).kind()).isEqualTo(kind);
    }

    @Test
    void aFileAddressAndACheckpointSayWhereToLook() {
        assertThat(Start.path("file:/my%20weights/a.safetensors")).isEqualTo("/my weights/a.safetensors");
        assertThat(new Start("digits-step-one-mi1x2y3z-step-12", null).incarnation())
                .isEqualTo("digits-step-one-mi1x2y3z");
        assertThat(new Start("digits-step-one-mi1x2y3z-step-12-average", null).incarnation())
                .isEqualTo("digits-step-one-mi1x2y3z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resnet18.safetensors | | the absolute path of a safetensors file on the trainer's machine",
                "imagnet | | imagenet, an https: address",
                "file:relative.safetensors | | the absolute path",
                "s3://bucket/resnet18.safetensors | | s3: addresses cannot be read yet",
                "ftp://example.org/resnet18.safetensors | | imagenet, an https: address",
                "http://example.org/resnet18.safetensors | sha256 | http: is for this machine only",
                "https:///resnet18.safetensors | sha256 | https://host/path",
                "https://exa mple.org/a | sha256 | https://host/path",
                "/weights/resnet18.pth | | safetensors.torch.save_file(torch.load(",
                "https://download.pytorch.org/models/resnet18-f37072fd.PTH | sha256 | a pickle may hold programs"
            })
    void refusesWhatItCannotReadAndSaysWhatItCan(String weights, String digest, String remedy) {
        assertThatThrownBy(() -> new Start(weights, digest == null ? null : SHA256))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageStartingWith("weights is \"" + weights + "\"; it must be ")
                .hasMessageContaining(remedy);
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.org/a.safetensors, , sha256 is missing; it must be the digest of https://example.org/a",
        "/a.safetensors, ABCDEF, 'sha256 is \"ABCDEF\"; it must be 64 hex digits'",
        "imagenet, abababababababababababababababababababababababababababababababab, 'left out, the digests of imagenet'"
    })
    void refusesADigestThatIsMissingOrNone(String weights, String sha256, String message) {
        assertThatThrownBy(() -> new Start(weights, sha256)).hasMessageContaining(message);
    }

    @Test
    void weightsAreRequired() {
        assertThatThrownBy(() -> new Start(null, SHA256)).hasMessage("weights is missing; it must be given");
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet18", "resnet34", "resnet50"})
    void knowsTheWeightsOfImageNet(String network) {
        Start start = ImageNetWeights.of(new NetworkFile(network, Network.Stem.IMAGENET, null));

        assertThat(start.weights())
                .matches("https://huggingface.co/timm/" + network
                        + "\\.tv_in1k/resolve/[0-9a-f]{40}/model\\.safetensors");
        assertThat(start.sha256()).hasSize(64);
    }

    @Test
    void refusesImageNetForNetworksThatItHasNoneFor() {
        assertThatThrownBy(() -> ImageNetWeights.of(new NetworkFile("resnet9", Network.Stem.CIFAR, null)))
                .hasMessage("weights is \"imagenet\"; it must be an address with its sha256: imagenet has weights for"
                        + " resnet18, resnet34, resnet50, not for resnet9");
        ResidualLayout own = new ResidualLayout(Block.BASIC, List.of(2, 2, 2, 2), null, null, null, null, null);
        assertThatThrownBy(() -> ImageNetWeights.of(new NetworkFile("mine", Network.Stem.IMAGENET, own)))
                .hasMessageContaining("not for mine");
        assertThatThrownBy(() -> ImageNetWeights.of(new NetworkFile("resnet18", Network.Stem.CIFAR, null)))
                .hasMessageContaining("begin with a 7x7 convolution, the stem cifar with a 3x3 one");
    }

    @Test
    void recognisesWhatTorchSaves() {
        assertThat(PickledWeights.is(ByteBuffer.wrap(new byte[] {'P', 'K', 3, 4, 0})))
                .isTrue();
        assertThat(PickledWeights.is(ByteBuffer.wrap(new byte[] {(byte) 0x80, 2, '}', 'q'})))
                .isTrue();
        assertThat(PickledWeights.is(ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x3a, 0, 0, 0, 0, 0, 0, '{'})))
                .isFalse();
        assertThat(PickledWeights.is(ByteBuffer.wrap(new byte[] {'P', 'K'}))).isFalse();
    }
}
