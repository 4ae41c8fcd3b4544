// SPDX-License-Identifier: Apache-2.0

/**
 * What the services say to each other: topics, events, batches, and the safetensors format that carries tensors.
 * Nothing here knows Kafka, Quarkus or DJL.
 */
package io.millrace.contracts;
