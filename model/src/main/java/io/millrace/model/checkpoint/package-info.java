// SPDX-License-Identifier: Apache-2.0

/** Checkpoints: files that describe themselves, written so that a reader sees either nothing or a whole one. */
package io.millrace.model.checkpoint;
