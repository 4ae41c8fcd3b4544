// SPDX-License-Identifier: Apache-2.0

/** Kafka's own server as a process of this machine: one node, broker and controller in one. */
package io.millrace.local.broker;
