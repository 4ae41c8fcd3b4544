// SPDX-License-Identifier: Apache-2.0

/** What tests run for real: a broker, with Docker or without, and the packaged service as a process. */
package io.millrace.test;
