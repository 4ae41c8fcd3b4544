// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Where a checkpoint lies and how to know that it is whole.
 *
 * @param checkpointId {@code <incarnation>-step-<n>}, with {@code -average} behind it where it is one; the version that
 *     predictions carry
 * @param runId the run it belongs to
 * @param uri of the weights, relative to the checkpoint store: {@code <incarnation>/step-<n>-<digest>.safetensors}, with
 *     the first 12 digits of {@code sha256}; of an average {@code <incarnation>/step-<n>-<digest>.average.safetensors}
 * @param sha256 of the file, hex
 * @param size of the file in bytes
 * @param averaged whether its parameters are averages over the steps, beside the checkpoint of the same step whose are
 *     not; not said where they are not, and not known before there were averages
 */
public record CheckpointRef(
        String checkpointId,
        String runId,
        String uri,
        String sha256,
        long size,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) Boolean averaged) {
    public CheckpointRef {
        Fields.present(checkpointId, "checkpoint.checkpointId");
        Fields.present(runId, "checkpoint.runId");
        Fields.present(uri, "checkpoint.uri");
        Fields.present(sha256, "checkpoint.sha256");
        Fields.atLeast(0, size, "checkpoint.size");
        averaged = Boolean.TRUE.equals(averaged);
    }

    /** Of parameters as they are. */
    public CheckpointRef(String checkpointId, String runId, String uri, String sha256, long size) {
        this(checkpointId, runId, uri, sha256, size, false);
    }

    /** Which run of its id it belongs to, see {@link RunSpec#incarnation()}: the folder that it lies in. */
    public String incarnation() {
        int slash = uri.indexOf('/');
        return slash < 0 ? uri : uri.substring(0, slash);
    }

    /** The id of the checkpoint of a run after a step, see {@link RunSpec#incarnation()}. */
    public static String id(String incarnation, long step) {
        return incarnation + "-step-" + step;
    }

    /** The id of the average that lies beside {@link #id}. */
    public static String averageId(String incarnation, long step) {
        return id(incarnation, step) + "-average";
    }
}
