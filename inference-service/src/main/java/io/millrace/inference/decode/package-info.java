// SPDX-License-Identifier: Apache-2.0

/** From what a client sent to pictures as a network takes them: on as many threads as there are cores, small ones not behind large ones. */
package io.millrace.inference.decode;
