// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.safetensors.PickledWeights;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What a run starts from instead of fresh weights.
 *
 * @param weights where they are: the absolute path or {@code file:} address of a safetensors file that the trainer can
 *     read, the id of a checkpoint in the store, an {@code https:} address ({@code http:} on this machine), or
 *     {@code imagenet}
 * @param sha256 of the file, hex; null where it need not be known before
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Start(String weights, String sha256) {
    /** The weights of {@link ImageNetWeights}. */
    public static final String IMAGENET = "imagenet";

    private static final String WEIGHTS = "weights";
    private static final String SHA256 = "sha256";
    private static final Pattern CHECKPOINT = Pattern.compile("[a-z0-9][a-z0-9-]*-step-\\d{1,18}(-average)?");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "[::1]");

    /** Where weights can come from. */
    public enum Kind {
        FILE,
        CHECKPOINT,
        DOWNLOAD,
        IMAGENET
    }

    public Start {
        Fields.present(weights, WEIGHTS);
        Fields.require(WEIGHTS, weights, !PickledWeights.isNamedSo(path(weights)), PickledWeights.REMEDY);
        Kind kind = kind(weights);
        Fields.require(
                SHA256,
                sha256,
                sha256 == null || DIGEST.matcher(sha256).matches(),
                "64 hex digits, lower-case, as sha256sum prints");
        if (kind == Kind.DOWNLOAD) {
            Fields.require(
                    SHA256,
                    sha256,
                    sha256 != null,
                    "the digest of " + weights + ": what is downloaded has to be known");
        }
        Fields.require(
                SHA256,
                sha256,
                sha256 == null || kind != Kind.IMAGENET,
                "left out, the digests of " + IMAGENET + " are known");
    }

    /** Where they come from. */
    public Kind kind() {
        return kind(weights);
    }

    /** The path of a file, whichever way it was written. */
    public static String path(String weights) {
        if (!weights.startsWith("file:")) {
            return weights;
        }
        try {
            return Objects.toString(URI.create(weights).getPath(), weights);
        } catch (IllegalArgumentException e) {
            return weights;
        }
    }

    /** The incarnation of the run that a checkpoint belongs to. */
    public String incarnation() {
        return weights.substring(0, weights.lastIndexOf("-step-"));
    }

    private static Kind kind(String weights) {
        if (weights.equals(IMAGENET)) {
            return Kind.IMAGENET;
        }
        if (path(weights).startsWith("/")) {
            return Kind.FILE;
        }
        if (CHECKPOINT.matcher(weights).matches()) {
            return Kind.CHECKPOINT;
        }
        Fields.require(
                WEIGHTS,
                weights,
                !weights.startsWith("s3:"),
                "an https: address, or a file: s3: addresses cannot be read yet");
        if (weights.startsWith("https://") || weights.startsWith("http://")) {
            requireFetchable(weights);
            return Kind.DOWNLOAD;
        }
        throw new RefusedFieldException(
                WEIGHTS,
                weights,
                IMAGENET
                        + ", an https: address with its sha256, the id of a checkpoint (<run>-step-<n>, or its average,"
                        + " <run>-step-<n>-average), or the absolute path of a safetensors file on the trainer's machine");
    }

    private static void requireFetchable(String weights) {
        String host;
        try {
            host = URI.create(weights).getHost();
        } catch (IllegalArgumentException e) {
            host = null;
        }
        Fields.require(WEIGHTS, weights, host != null, "an address that is one: https://host/path");
        Fields.require(
                WEIGHTS,
                weights,
                weights.startsWith("https:") || THIS_MACHINE.contains(host),
                "an https: address; http: is for this machine only");
    }
}
