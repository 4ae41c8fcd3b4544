// SPDX-License-Identifier: Apache-2.0
/** Splits that are scored and never trained on: read whole from {@code millrace.test-batches.v1}, by their digest. */
package io.millrace.kafka.split;
