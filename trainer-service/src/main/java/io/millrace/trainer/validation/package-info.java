// SPDX-License-Identifier: Apache-2.0
/** What a run decides by its validation split: how fast it goes on, when it ends, and which weights it keeps. */
package io.millrace.trainer.validation;
