// SPDX-License-Identifier: Apache-2.0

/** The events on the topics, as records, and their JSON. Adding a field is allowed; changing one makes a v2 topic. */
package io.millrace.contracts.event;
