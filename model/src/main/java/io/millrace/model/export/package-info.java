// SPDX-License-Identifier: Apache-2.0
/** Takes a checkpoint to other programs: its weights in their formats, and a model card that says what they are. */
package io.millrace.model.export;
