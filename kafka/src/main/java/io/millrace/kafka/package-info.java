// SPDX-License-Identifier: Apache-2.0

/**
 * What every service does with Kafka, once: topics from their definitions, CloudEvents headers, replay of an event log,
 * dead letters, and the watch on the broker. Channel defaults stand in {@code META-INF/microprofile-config.properties}.
 */
package io.millrace.kafka;
